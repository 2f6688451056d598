import { z } from 'zod';

const share = z.number().min(0).max(1);

/** Everything that decides a grader's training; what a run is resumed by. */
export const trainJobSchema = z.strictObject({
  /** Folder with the images; never written to. */
  source: z.string().min(1),
  /** CSV: file, grade and, where known, patient and split. */
  labels: z.string().min(1),
  /** CSV: file and split, or the validation images; null leaves it to the labels. */
  split: z.string().min(1).nullable(),
  /** Folder of the run: checkpoints, curve, model. */
  out: z.string().min(1),
  /** Name of the model that comes out. */
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, 'letters, digits, dots, dashes and underscores'),
  architecture: z.string().min(1),
  /** Model file or name of a bundled backbone to start from; null starts from random weights. */
  init: z.string().min(1).nullable(),
  classes: z.int().min(2).max(100),
  /** Side of the square input in pixels. */
  inputSize: z.int().min(32).max(1024),
  epochs: z.int().min(1).max(10_000),
  batchSize: z.int().min(1).max(1024),
  /** Parts a batch is computed in. */
  parts: z.int().min(1).max(1024),
  learningRate: z.number().positive().max(10),
  trunkRate: share,
  optimiser: z.enum(['adamw', 'sgd']),
  weightDecay: z.number().min(0).max(1),
  schedule: z.enum(['cosine', 'step']),
  warmupEpochs: z.number().min(0).max(100),
  loss: z.enum(['cross-entropy', 'focal', 'ordinal']),
  labelSmoothing: z.number().min(0).max(0.9),
  balance: share,
  averageDecay: z.number().min(0).lt(1),
  augmentation: z.enum(['none', 'light', 'strong']),
  /** Share of the patients that is held back for validation where the labels name no split. */
  validationShare: z.number().gt(0).lt(1),
  /** Epochs without a better validation kappa after which the run ends; 0 never ends it early. */
  patience: z.int().min(0).max(10_000),
  seed: z.int().min(0).max(0xffff_ffff),
  threads: z.int().min(1).max(256),
});

export type TrainJob = z.infer<typeof trainJobSchema>;

const measured = z.strictObject({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});

/** One line of a run's curve (epochs.jsonl). */
export const trainedEpochSchema = z.strictObject({
  epoch: z.int().min(1),
  learningRate: z.number(),
  loss: z.number(),
  accuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  /** Quadratic weighted kappa; null where it is not defined. */
  validationKappa: z.number().nullable(),
  /** Referable DR (grade 2 and above); null where a side is missing or there are not five grades. */
  validationAuc: z.number().nullable(),
  best: z.boolean(),
  seconds: z.number().min(0),
  /** Share of the training time in which the device waited for images. */
  waitShare: z.number().min(0),
  imagesPerSecond: z.number().min(0),
  /** Parts its batches were computed in: more than asked for where memory was short. */
  parts: z.int().min(1).default(1),
});

export type TrainedEpoch = z.infer<typeof trainedEpochSchema>;

const cardSettingsSchema = trainJobSchema.omit({
  source: true,
  labels: true,
  split: true,
  out: true,
  init: true,
});

/** The settings a model card states: without paths, which are private. */
export function cardSettings(job: TrainJob): z.infer<typeof cardSettingsSchema> {
  return cardSettingsSchema.strip().parse(job);
}

/** What a trained grader says of itself, beside its ONNX file. */
export const modelCardSchema = z.strictObject({
  format: z.literal('medlocker-model-card/1'),
  name: z.string(),
  architecture: z.string(),
  parameters: z.int().min(1),
  input: z.string(),
  output: z.string(),
  init: z.string().nullable(),
  data: z.strictObject({
    images: z.int(),
    training: z.int(),
    validation: z.int(),
    patients: z.int().nullable(),
    /** SHA-256 over the sorted list of (SHA-256 of the file, grade, side of the split). */
    sha256: z.string(),
    gradesTraining: z.array(z.int()),
    gradesValidation: z.array(z.int()),
    split: z.string(),
    leftOut: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  }),
  validation: z.strictObject({
    note: z.string(),
    epoch: z.int(),
    n: z.int(),
    accuracy: measured,
    quadraticKappa: measured,
    referableAuc: measured,
    /** Rows: true grade; columns: answered grade. */
    confusion: z.array(z.array(z.int())),
  }),
  settings: cardSettingsSchema,
  device: z.string(),
  versions: z.record(z.string(), z.string()),
  epochs: z.int(),
  seconds: z.number(),
  onnx: z.strictObject({ file: z.string(), sha256: z.string(), largestLogitDifference: z.number() }),
});

export type ModelCard = z.infer<typeof modelCardSchema>;
