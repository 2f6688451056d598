import { z } from 'zod';
import type { ArchitectureName } from '../../../../ml/models/architectures/architectures.ts';
import { trainJobSchema, type ModelCard, type TrainedEpoch } from '../../../../shared/train-job.ts';
import { reportEngines } from '../../../../ml/runtime/report.ts';
import { chosen, chosenOrNone } from '../fields.ts';
import { runKind } from '../run-kind.ts';
import type { Tell } from '../run-wire.ts';

/** Names in src/ml/models/architectures; listed here so that offering the form starts no engine. */
export const trainArchitectures = [
  'small-resnet',
  'small-vgg',
  'small-mobilenet',
  'resnet18',
  'resnet34',
  'resnet50',
  'cifar-resnet18',
  'wide-resnet-34-10',
  'vgg16-bn',
  'densenet121',
  'inception-v3',
  'mobilenetv2',
  'mobilenetv2-torch',
  'mobilenetv3-large',
  'efficientnet-b0',
  'vit-s16',
] as const satisfies readonly ArchitectureName[];

/** Folders of assets/backbones, listed for the same reason. */
const trainStarts = ['mobilenetv2-nsfwjs', 'resnet18-synthetic', 'small-vgg-synthetic'] as const;

const { shape } = trainJobSchema;

const settings = z.object({
  source: chosen('folder-handle', 'Images', 'Folder with the photographs; never written to.'),
  labels: chosen(
    'file-handle',
    'Labels',
    'CSV with the columns file and grade and, where known, patient and split.',
  ),
  // Without the flag of the job's own pattern: a JSON schema has none.
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dots, dashes and underscores')
    .default('grader')
    .meta({ title: 'Name', description: 'Of the grader that comes out.' }),
  architecture: z.enum(trainArchitectures).default('small-resnet').meta({ title: 'Architecture' }),
  init: z
    .enum(['random', ...trainStarts])
    .default('random')
    .meta({
      title: 'Start from',
      description: 'Random weights, or a bundled backbone of the same architecture.',
    }),
  weights: chosenOrNone(
    'file-handle',
    'Own weights',
    'To start from instead: model.json of the same architecture, or an ONNX file of PyTorch.',
  ),
  classes: shape.classes.default(5).meta({ title: 'Grades' }),
  inputSize: shape.inputSize.default(128).meta({ title: 'Input side', description: 'In pixels.' }),
  epochs: shape.epochs.default(20).meta({ title: 'Epochs' }),
  batchSize: shape.batchSize.default(16).meta({ title: 'Images a step' }),
  parts: shape.parts
    .default(1)
    .meta({ title: 'Parts a step', description: 'More take less memory and give the same.' }),
  learningRate: shape.learningRate
    .default(0.001)
    .meta({ title: 'Learning rate', description: 'At its peak.' }),
  trunkRate: shape.trunkRate.default(1).meta({
    title: 'Rate of the trunk',
    description: 'Share of the rate for all layers but the last; 0 freezes them.',
  }),
  warmupEpochs: shape.warmupEpochs
    .default(0.5)
    .meta({ title: 'Warm-up', description: 'Epochs until the rate is at its peak.' }),
  schedule: shape.schedule.default('cosine').meta({ title: 'How the rate falls' }),
  optimiser: shape.optimiser.default('adamw').meta({ title: 'Optimiser' }),
  weightDecay: shape.weightDecay
    .default(0.02)
    .meta({ title: 'Weight decay', description: 'Of the kernels.' }),
  averageDecay: shape.averageDecay
    .default(0.99)
    .meta({ title: 'Average of the weights', description: 'Its decay a step; 0: none.' }),
  loss: shape.loss.default('cross-entropy').meta({ title: 'Loss' }),
  labelSmoothing: shape.labelSmoothing
    .default(0.05)
    .meta({ title: 'Label smoothing', description: 'Of the cross-entropy.' }),
  augmentation: shape.augmentation
    .default('strong')
    .meta({ title: 'Augmentation', description: 'How images are varied.' }),
  balance: shape.balance
    .default(0.5)
    .meta({ title: 'Balance', description: '0: grades as they come; 1: all equally often.' }),
  split: chosenOrNone(
    'file-handle',
    'Split',
    'CSV with the columns file and split, or a list of the validation images.',
  ),
  validationShare: shape.validationShare
    .default(0.2)
    .meta({ title: 'Held back', description: 'Share of the patients, where no split is given.' }),
  patience: shape.patience
    .default(6)
    .meta({ title: 'Patience', description: 'Epochs without a better kappa before it ends; 0: never.' }),
  seed: shape.seed.default(1).meta({ title: 'Seed', description: 'Same seed, same run.' }),
});

export const trainKind = runKind({
  kind: 'train',
  title: 'Train a grader',
  description:
    'Trains a grader of diabetic retinopathy on own photographs with grades; surrogate or victim at once.',
  settings,
  resumes: true,
  unavailable: async () => {
    const engine = (await reportEngines()).find(({ engine: name }) => name === 'tensorflow');
    return engine?.state === 'missing' ? `${engine.reason}. ${engine.hint}` : null;
  },
  async run({ init, weights, ...chosenSettings }, { folder, threads, tell, signal }) {
    const { trainGrader } = await import('../../../workflows/train/train-grader.ts');
    const job = trainJobSchema.parse({
      ...chosenSettings,
      ...{ init: weights ?? (init === 'random' ? null : init), out: folder, threads },
    });
    const { card, onnx } = await trainGrader(
      job,
      {
        note: (text) => tell({ kind: 'note', text }),
        decoding: (done, total) => {
          if (done % 10 === 0 || done === total) tell({ kind: 'metric', name: 'images read', value: done });
        },
        prepared: ({ training, validation, device, earlier }) => {
          tell({
            kind: 'note',
            text: `${training} images to train on, ${validation} to validate on; ${device}`,
          });
          for (const epoch of earlier) tellEpoch(epoch, tell);
          tell({ kind: 'progress', share: Math.min(1, earlier.length / job.epochs), etaSeconds: null });
        },
        epoch: (epoch, remainingSeconds) => {
          tellEpoch(epoch, tell);
          tell({
            kind: 'progress',
            share: Math.min(1, epoch.epoch / job.epochs),
            etaSeconds: Math.max(0, remainingSeconds),
          });
        },
      },
      signal,
    );
    tellCard(card, tell);
    tell({ kind: 'grader', file: onnx });
  },
});

function tellEpoch(epoch: TrainedEpoch, tell: Tell): void {
  const point = (name: string, yLabel: string, y: number | null): void =>
    tell({ kind: 'point', series: { name, xLabel: 'epoch', yLabel }, point: { x: epoch.epoch, y } });
  point('training loss', 'loss', epoch.loss);
  point('validation loss', 'loss', epoch.validationLoss);
  point('training accuracy', 'accuracy', epoch.accuracy);
  point('validation accuracy', 'accuracy', epoch.validationAccuracy);
  point('validation kappa', 'quadratic kappa', epoch.validationKappa);
  point('learning rate', 'learning rate', epoch.learningRate);
  const metric = (name: string, value: number | null): void => tell({ kind: 'metric', name, value });
  metric('epoch', epoch.epoch);
  metric('validation loss', epoch.validationLoss);
  metric('validation accuracy', epoch.validationAccuracy);
  metric('validation kappa', epoch.validationKappa);
  metric('validation AUC (referable)', epoch.validationAuc);
  if (epoch.best) metric('best epoch', epoch.epoch);
  metric('images a second', epoch.imagesPerSecond);
}

function tellCard({ validation, data, onnx }: ModelCard, tell: Tell): void {
  const { epoch, n, accuracy, quadraticKappa, referableAuc, confusion, note } = validation;
  tell({
    kind: 'table',
    table: {
      title: `Validation, epoch ${epoch}, n = ${n}, 95 % intervals`,
      columns: ['figure', 'value', 'low', 'high'],
      rows: [
        ['accuracy', accuracy.value, accuracy.low, accuracy.high],
        ['quadratic kappa', quadraticKappa.value, quadraticKappa.low, quadraticKappa.high],
        ['AUC (referable)', referableAuc.value, referableAuc.low, referableAuc.high],
      ],
    },
  });
  tell({
    kind: 'table',
    table: {
      title: 'Confusion on the validation images',
      columns: ['true grade', ...confusion.map((_, grade) => `answered ${grade}`)],
      rows: confusion.map((counts, grade) => [grade, ...counts]),
    },
  });
  tell({ kind: 'note', text: note });
  tell({ kind: 'note', text: `split: ${data.split}` });
  tell({ kind: 'note', text: `ONNX file ${onnx.file}, SHA-256 ${onnx.sha256}` });
}
