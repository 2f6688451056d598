import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { TrainLesionsResult } from '../../engine/workflows/train-lesions.ts';
import { visibleText } from '../../shared/visible-text.ts';
import type { Console } from '../console.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { integerBetween, numberBetween } from '../option-values.ts';
import { runAction, withJson } from '../run-action.ts';
import { humanDuration } from '../table.ts';

interface TrainLesionsOptions {
  readonly masks: string;
  readonly out: string;
  readonly steps: number;
  readonly learningRate: number;
  readonly init: string;
  readonly seed: number;
  readonly threads?: number;
  readonly json?: boolean;
}

const examples = `
Masks are PNG files named IMAGE_CLASS.png (MA, HE, EX, SE, OD; white where the lesion is) or COCO outlines, in the images' own size.
Every fifth image is held out and measured on. Writes lesion-network.onnx, .card.json and .weights.

Examples
  medlocker train-lesions images --masks masks --out network
  medlocker protect others --lesion-network network/lesion-network.onnx --out protected ...

A run that was stopped goes on from its last state when the same command is started again.`;

/** `medlocker train-lesions`: the lesion network on the user's own masks. */
export function addTrainLesions(program: Command): void {
  const command = program
    .command('train-lesions')
    .summary('train the lesion network on your own masks')
    .description('Train the lesion network on your own photographs and masks; they never leave this machine.')
    .argument('<folder>', 'folder with the photographs; never written to')
    .requiredOption('-m, --masks <path>', 'folder with their masks')
    .requiredOption('-o, --out <folder>', 'where network, weights and card go')
    .option('--steps <n>', 'training steps of four patches', integerBetween(1, 1_000_000), 600)
    .option('--learning-rate <rate>', 'peak of the schedule', numberBetween(1e-6, 0.1), 1e-3)
    .option('--init <weights>', 'bundled, none, or a .weights file', 'bundled')
    .option('--seed <n>', 'decides the order of patches', integerBetween(0, 0xffff_ffff), 1)
    .option('--threads <n>', 'threads (default: all)', integerBetween(1, 256))
    .addHelpText('after', examples);
  withJson(command).action((source: string, options: TrainLesionsOptions) =>
    runAction(options, async ({ console, signal }) => {
      const { trainLesions } = await import('../../engine/workflows/train-lesions.ts');
      const { threads = availableParallelism(), ...rest } = options;
      const result = await trainLesions(
        { ...rest, source, threads },
        {
          say: (line) => console.say(line),
          onProgress: (progress) => {
            console.emit({ kind: 'training', ...progress });
            const left = humanDuration((progress.steps - progress.step) * progress.secondsPerStep);
            console.say(
              `step ${progress.step}/${progress.steps}  loss ${progress.loss.toFixed(4)}  ${left} left`,
            );
          },
          signal,
        },
      );
      return report(result, console);
    }),
  );
}

function report(result: TrainLesionsResult, console: Console): ExitCode {
  const { failures, precision, heldOut, network, card } = result;
  console.say();
  console.say(
    `area under the precision-recall curve, ${heldOut > 0 ? `${heldOut} held-out` : 'training'} images`,
  );
  for (const [name, value] of Object.entries(precision))
    console.say(`  ${name}  ${value === null ? 'not shown' : value.toFixed(3)}`);
  for (const { path, reason, hint } of failures.slice(0, 20)) {
    console.say(`  left out  ${visibleText(path)}: ${reason}${hint === undefined ? '' : ` (${hint})`}`);
  }
  if (failures.length > 20) console.say(`  ... and ${failures.length - 20} more (--json lists them all)`);
  console.say(`network  ${network}`);
  console.say(`card     ${card}`);
  console.emit({ kind: 'result', ...result });
  return failures.length > 0 ? exitCodes.withFailures : exitCodes.done;
}
