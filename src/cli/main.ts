import { Command, CommanderError } from 'commander';
import { version } from '../shared/version.ts';
import { addBench } from './commands/bench.ts';
import { addDemo } from './commands/demo.ts';
import { addDoctor } from './commands/doctor.ts';
import { addInspect } from './commands/inspect.ts';
import { addMerge } from './commands/merge.ts';
import { addModels } from './commands/models.ts';
import { addKeys } from './commands/keys.ts';
import { addLicence } from './commands/licence.ts';
import { addPlan } from './commands/plan.ts';
import { addProtect } from './commands/protect.ts';
import { addRestore } from './commands/restore.ts';
import { addTrain } from './commands/train.ts';
import { addSegment } from './commands/segment.ts';
import { addTrainLesions } from './commands/train-lesions.ts';
import { addVerify } from './commands/verify.ts';
import { exitCodeHelp, exitCodes } from './exit-codes.ts';

const introduction = `
First steps
  medlocker demo                                          see everything once, with made-up images
  medlocker keys create-owner --name "Clinic" --out owner
  medlocker protect images --out protected --logo logo.png --surrogate a.onnx --owner-key owner.key
  medlocker verify protected --trust owner.pub
  medlocker restore protected --out originals --owner-key owner.key

Every command explains itself: medlocker protect --help`;

const program = new Command('medlocker')
  .description(
    'Protects retinal image sets with visible adversarial marks, signed certificates and bit-exact restoration.',
  )
  .version(version)
  .option('--gpu <number>', 'NVIDIA GPU that TensorFlow computes on (-1: the CPU); sets CUDA_VISIBLE_DEVICES')
  .hook('preAction', (command) => {
    const { gpu } = command.opts<{ gpu?: string }>();
    if (gpu === undefined) return;
    if (!/^(-1|\d+)$/.test(gpu)) command.error(`error: --gpu ${gpu}: not the number of a GPU`);
    // TensorFlow reads it once, when it is loaded.
    process.env['CUDA_VISIBLE_DEVICES'] = gpu;
  })
  .showHelpAfterError('(medlocker <command> --help tells more)')
  .addHelpText('after', `${introduction}\n${exitCodeHelp}`);

for (const add of [
  addProtect,
  addPlan,
  addVerify,
  addRestore,
  addLicence,
  addKeys,
  addInspect,
  addModels,
  addTrain,
  addSegment,
  addTrainLesions,
  addMerge,
  addDoctor,
  addBench,
  addDemo,
])
  add(program);
settle(program);

// A reader that has seen enough (| head) must not end a job.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
}

/** Commander would end the process by itself, with code 1 for a wrong word; subcommands do not inherit the setting. */
function settle(command: Command): void {
  command.exitOverride();
  for (const inner of command.commands) settle(inner);
}
