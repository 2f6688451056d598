// medlocker doctor --install-gpu: the CUDA build of libtensorflow in the place of the CPU build. Asks nothing; the caller does.
import { cudaPlan } from './bootstrap/cuda-wheels.mjs';
import { installCudaBuild } from './bootstrap/libtensorflow.mjs';
import { alone } from './bootstrap/lock.mjs';
import { platform } from './bootstrap/machine.mjs';
import { SetupProblem } from './bootstrap/run.mjs';

const [word] = process.argv.slice(2);
if (word === '--plan') {
  process.stdout.write(`${JSON.stringify(cudaPlan(platform))}\n`);
} else if (word === '--install') {
  try {
    await installCudaBuild(alone);
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    process.stderr.write(`set-up: ${error.message}\n`);
    process.exitCode = 1;
  }
} else {
  process.stderr.write('Usage: install-gpu.mjs --plan | --install\n');
  process.exitCode = 2;
}
