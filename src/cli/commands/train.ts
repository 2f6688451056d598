import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { Failure } from '../../shared/failure.ts';
import { type ModelCard, type TrainedEpoch, type TrainJob, trainJobSchema } from '../../shared/train-job.ts';
import { visibleText } from '../../shared/visible-text.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { integerBetween, numberBetween } from '../option-values.ts';
import { runAction, withJson, type ActionContext } from '../run-action.ts';
import { humanDuration } from '../table.ts';

const examples = `
The label file is a CSV with the columns file and grade and, where known, patient and split (training, validation).
Patients never stand on both sides. An interrupted run goes on when the same command is started again.

Examples
  medlocker train images --labels labels.csv --arch small-resnet --out runs/first
  medlocker train images --labels labels.csv --arch mobilenetv2 --init mobilenetv2-nsfwjs --out runs/second \\
      --epochs 8 --lr 0.0005 --loss ordinal --balance 0.7
  medlocker protect images --out protected --surrogate runs/first/first.onnx ...

In the run's folder: NAME.onnx, NAME.card.json and .md (data hash, split, figures with intervals), model/ (layers model),
epochs.jsonl (the curve), state-*.bin (checkpoints).`;

interface TrainOptions {
  readonly labels: string;
  readonly split?: string;
  readonly out: string;
  readonly arch: string;
  readonly init?: string;
  readonly name?: string;
  readonly classes: number;
  readonly size: number;
  readonly epochs: number;
  readonly batch: number;
  readonly parts: number;
  readonly lr: number;
  readonly trunkRate: number;
  readonly optimiser: TrainJob['optimiser'];
  readonly weightDecay: number;
  readonly schedule: TrainJob['schedule'];
  readonly warmup: number;
  readonly loss: TrainJob['loss'];
  readonly labelSmoothing: number;
  readonly balance: number;
  readonly average: number;
  readonly augmentation: TrainJob['augmentation'];
  readonly validationShare: number;
  readonly patience: number;
  readonly seed: number;
  readonly threads?: number;
  readonly json?: boolean;
}

/** `medlocker train`: a grader on own data. */
export function addTrain(program: Command): void {
  const choice = (flags: string, words: string, choices: readonly string[], standard: string): Option =>
    new Option(flags, words).choices(choices).default(standard);
  const command = program
    .command('train')
    .summary('train a grader on own images')
    .description(
      'Train a grader of diabetic retinopathy on a folder of images with grades; surrogate or victim at once.',
    )
    .argument('<folder>', 'folder with the images; never written to')
    .requiredOption('--labels <csv>', 'columns file, grade and, where known, patient and split')
    .option('--split <csv>', 'columns file and split, or a list of the validation images')
    .requiredOption('-o, --out <folder>', 'folder of the run: checkpoints, curve, model')
    .requiredOption('--arch <name>', 'architecture (an unknown name lists them)')
    .option(
      '--init <model>',
      'weights to start from: a bundled backbone, model.json of the same architecture, or an ONNX file of PyTorch',
    )
    .option('--name <name>', "name of the model (default: the run folder's)")
    .option('--classes <n>', 'number of grades', integerBetween(2, 100), 5)
    .option('--size <pixels>', 'side of the input', integerBetween(32, 1024), 224)
    .option('--epochs <n>', 'passes over the images', integerBetween(1, 10_000), 20)
    .option('--batch <n>', 'images a step', integerBetween(1, 1024), 16)
    .option('--parts <n>', 'parts a batch is computed in (less memory)', integerBetween(1, 1024), 1)
    .option('--lr <rate>', 'peak learning rate', numberBetween(1e-8, 10), 0.001)
    .option(
      '--trunk-rate <share>',
      'share of the rate for all layers but the last; 0 freezes them',
      numberBetween(0, 1),
      1,
    )
    .addOption(choice('--optimiser <name>', 'how weights are changed', ['adamw', 'sgd'], 'adamw'))
    .option('--weight-decay <share>', 'decay of the kernels', numberBetween(0, 1), 0.02)
    .addOption(choice('--schedule <name>', 'how the rate falls', ['cosine', 'step'], 'cosine'))
    .option('--warmup <epochs>', 'linear warm-up', numberBetween(0, 100), 0.5)
    .addOption(
      choice('--loss <name>', 'what is made small', ['cross-entropy', 'focal', 'ordinal'], 'cross-entropy'),
    )
    .option('--label-smoothing <share>', 'of the cross-entropy', numberBetween(0, 0.9), 0.05)
    .option('--balance <share>', '0: grades as they come, 1: all equally often', numberBetween(0, 1), 0.5)
    .option('--average <decay>', 'of the weight average a step; 0: none', numberBetween(0, 0.99999), 0.99)
    .addOption(
      choice('--augmentation <name>', 'how images are varied', ['none', 'light', 'strong'], 'strong'),
    )
    .option(
      '--validation-share <share>',
      'of the patients, where no split is given',
      numberBetween(0.01, 0.9),
      0.2,
    )
    .option(
      '--patience <epochs>',
      'without a better validation kappa before the run ends; 0: never',
      integerBetween(0, 10_000),
      6,
    )
    .option('--seed <n>', 'same seed, same run', integerBetween(0, 0xffff_ffff), 1)
    .option('--threads <n>', 'threads (default: all)', integerBetween(1, 256))
    .addHelpText('after', examples);
  withJson(command).action((source: string, options: TrainOptions) =>
    runAction(options, (context) => run(jobOf(source, options), context)),
  );
}

function jobOf(source: string, options: TrainOptions): TrainJob {
  const parsed = trainJobSchema.safeParse({
    source,
    labels: options.labels,
    split: options.split ?? null,
    out: options.out,
    name: options.name ?? basename(resolve(options.out)),
    architecture: options.arch,
    init: options.init ?? null,
    classes: options.classes,
    inputSize: options.size,
    epochs: options.epochs,
    batchSize: options.batch,
    parts: options.parts,
    learningRate: options.lr,
    trunkRate: options.trunkRate,
    optimiser: options.optimiser,
    weightDecay: options.weightDecay,
    schedule: options.schedule,
    warmupEpochs: options.warmup,
    loss: options.loss,
    labelSmoothing: options.labelSmoothing,
    balance: options.balance,
    averageDecay: options.average,
    augmentation: options.augmentation,
    validationShare: options.validationShare,
    patience: options.patience,
    seed: options.seed,
    threads: options.threads ?? availableParallelism(),
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? 'settings';
  throw new Failure('usage', `${where}: ${issue?.message ?? 'not usable'}`, {
    subject: where,
    hint: 'See medlocker train --help.',
  });
}

const heading =
  'epoch     loss  accuracy  | val loss  accuracy  kappa    AUC |       rate  images/s  wait     left';

async function run(job: TrainJob, { console, signal }: ActionContext): Promise<ExitCode> {
  const { trainGrader } = await import('../../engine/workflows/train/train-grader.ts');
  const { card, onnx, model } = await trainGrader(
    job,
    {
      note: (note) => {
        console.warn(`note: ${visibleText(note)}`);
        console.emit({ kind: 'note', message: note });
      },
      decoding: (done, total) => {
        if (done % 200 === 0 || done === total) console.say(`${done} of ${total} images read`);
      },
      prepared: (facts) => {
        const { training, validation, device, resumed } = facts;
        console.say(`${training} images to train on, ${validation} to validate on; ${device}`);
        if (resumed > 0) console.say(`goes on after epoch ${resumed}`);
        console.say(heading);
        console.emit({ kind: 'prepared', ...facts });
      },
      epoch: (line, remainingSeconds) => {
        console.say(row(line, remainingSeconds));
        console.emit({ kind: 'epoch', ...line });
      },
    },
    signal,
  );
  console.say();
  for (const line of cardLines(card)) console.say(line);
  console.say(`ONNX      ${onnx}`);
  console.say(`layers    ${model}`);
  console.emit({ kind: 'result', onnx, model, card });
  return exitCodes.done;
}

function row(line: TrainedEpoch, remainingSeconds: number): string {
  const number = (value: number | null, digits: number, width: number): string =>
    (value === null ? '-' : value.toFixed(digits)).padStart(width);
  return [
    `${String(line.epoch).padStart(4)}${line.best ? '*' : ' '}`,
    number(line.loss, 3, 7),
    number(line.accuracy, 3, 9),
    ' |',
    number(line.validationLoss, 3, 8),
    number(line.validationAccuracy, 3, 9),
    number(line.validationKappa, 3, 6),
    number(line.validationAuc, 3, 6),
    '|',
    line.learningRate.toExponential(2).padStart(10),
    number(line.imagesPerSecond, 1, 9),
    `${(line.waitShare * 100).toFixed(0).padStart(4)}%`,
    humanDuration(remainingSeconds).padStart(8),
  ].join(' ');
}

function cardLines({ validation, name, data, epochs }: ModelCard): string[] {
  const interval = ({ value, low, high }: ModelCard['validation']['accuracy']): string =>
    value === null ? '-' : `${value.toFixed(3)} [${low?.toFixed(3) ?? '-'}, ${high?.toFixed(3) ?? '-'}]`;
  return [
    `${name}: epoch ${validation.epoch} of ${epochs}, n = ${validation.n} (95 % intervals; ${validation.note})`,
    `accuracy  ${interval(validation.accuracy)}`,
    `kappa     ${interval(validation.quadraticKappa)}`,
    `AUC       ${interval(validation.referableAuc)} (referable)`,
    `split     ${data.split}`,
  ];
}
