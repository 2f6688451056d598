import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { examineGpus } from '../ml/runtime/gpus.ts';
import { Failure } from '../shared/failure.ts';
import type { Console } from './console.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { humanBytes, table } from './table.ts';

interface Plan {
  readonly platform: string;
  readonly supported: boolean;
  readonly wheels: readonly {
    readonly requirement: string;
    readonly bytes: number;
    readonly sha256: string;
  }[];
  readonly downloadBytes: number;
  /** Room that download and unpacked libraries take at the same time. */
  readonly diskBytes: number;
}

const script = fileURLToPath(new URL('../../scripts/install-gpu.mjs', import.meta.url));

/**
 * Says what the CUDA build of TensorFlow costs, asks, and installs it; the set-up's own script does the work.
 * @throws Failure runtime-missing where it cannot be installed, usage where nobody can be asked
 */
export async function installGpu(
  console: Console,
  signal: AbortSignal,
  { plan: planOnly = false, yes = false }: { plan?: boolean; yes?: boolean },
): Promise<ExitCode> {
  if (!existsSync(script)) {
    throw new Failure('runtime-missing', 'this copy of MedLocker came without its set-up', {
      hint: 'Get the sources, and run in them: npm run medlocker -- doctor --install-gpu',
    });
  }
  const plan = JSON.parse(await runScript(['--plan'], signal, 'read')) as Plan;
  const rows = plan.wheels.map(({ requirement, bytes }) => [requirement, humanBytes(bytes)]);
  console.say(table(['from the Python package index', 'size'], rows));
  console.say();
  console.say(
    `${humanBytes(plan.downloadBytes)} to download once per user, every file checked by its SHA-256; ${humanBytes(plan.diskBytes)} of disk while it works`,
  );
  console.emit({ kind: 'install-plan', ...plan });
  if (planOnly) return exitCodes.done;
  if (!plan.supported) {
    throw new Failure('runtime-missing', `there is no CUDA build for ${plan.platform}`, {
      hint: 'Training runs on the CPU here; Linux x64 with an NVIDIA GPU can use the CUDA build.',
    });
  }
  const gpus = await examineGpus();
  if (gpus.devices.length === 0) {
    throw new Failure('runtime-missing', gpus.problem ?? 'no NVIDIA GPU is seen on this machine', {
      subject: 'GPU',
      hint: 'Install the NVIDIA driver first (nvidia-smi must list the GPU); nothing was downloaded.',
    });
  }
  if (!yes && !(await agreed(console, signal))) {
    console.say('nothing was downloaded');
    return exitCodes.done;
  }
  await runScript(['--install'], signal, 'show');
  console.say('the CUDA build is installed; medlocker doctor shows whether TensorFlow uses the GPU');
  return exitCodes.done;
}

async function agreed(console: Console, signal: AbortSignal): Promise<boolean> {
  if (!console.interactive || process.stdin.isTTY !== true) {
    throw new Failure('usage', 'nobody can be asked whether to download', {
      subject: '--install-gpu',
      hint: 'Give --yes to agree beforehand, or --plan to see the sizes only.',
    });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question('Download and install? [y/N] ', { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

/** Runs the set-up's script; its words for people go to standard error. */
function runScript(args: readonly string[], signal: AbortSignal, output: 'read' | 'show'): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      signal,
      stdio: ['ignore', 'pipe', output === 'show' ? 'inherit' : 'pipe'],
    });
    let text = '';
    let errors = '';
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(text);
      else
        reject(
          new Failure(
            'runtime-missing',
            `the set-up of the CUDA build failed: ${errors.trim() || `code ${code}`}`,
            {
              hint: 'What it said stands above; the installed TensorFlow was left as it was.',
            },
          ),
        );
    });
  });
}
