import { type AugmentationSettings, NO_AUGMENTATION } from '../../../ml/models/training/augmentation.ts';
import type { GradingLoss } from '../../../ml/models/training/grading-loss.ts';
import { ADAMW, type OptimiserSettings } from '../../../ml/models/training/optimisers.ts';
import type { TrainingSettings } from '../../../ml/models/training/train.ts';
import type { TrainJob } from '../../../shared/train-job.ts';

const MOMENTUM = 0.9;
const FOCAL_GAMMA = 2;
const ORDINAL_SPREAD = 0.75;

/** Fundus photographs have no preferred direction of rotation beyond a camera's tilt; colour varies with the camera. */
const augmentations: Readonly<Record<TrainJob['augmentation'], AugmentationSettings>> = {
  none: NO_AUGMENTATION,
  light: { flip: true, rotation: 15, zoom: 0.05, brightness: 0.04, contrast: 0.1, colour: 0.05 },
  strong: {
    ...{ flip: true, rotation: 30, zoom: 0.15, crop: 0.1 },
    ...{ brightness: 0.08, contrast: 0.2, colour: 0.1, jpeg: 60 },
  },
};

/** The settings of the training loop for a job. */
export function trainingSettingsOf(job: TrainJob): TrainingSettings {
  return {
    seed: job.seed,
    epochs: job.epochs,
    batchSize: job.batchSize,
    parts: job.parts,
    optimiser: optimiserOf(job),
    learningRate: job.learningRate,
    trunkRate: job.trunkRate,
    schedule: job.schedule === 'cosine' ? { kind: 'cosine' } : { kind: 'step', at: [0.5, 0.75], factor: 0.1 },
    warmupEpochs: job.warmupEpochs,
    loss: lossOf(job),
    labelSmoothing: job.labelSmoothing,
    balance: job.balance,
    averageDecay: job.averageDecay,
    augmentation: augmentations[job.augmentation],
  };
}

function optimiserOf({ optimiser, weightDecay }: TrainJob): OptimiserSettings {
  if (optimiser === 'adamw') return { ...ADAMW, weightDecay };
  return { kind: 'sgd', momentum: MOMENTUM, nesterov: true, weightDecay };
}

function lossOf({ loss, labelSmoothing }: TrainJob): GradingLoss {
  if (loss === 'focal') return { kind: 'focal', gamma: FOCAL_GAMMA };
  if (loss === 'ordinal') return { kind: 'ordinal', spread: ORDINAL_SPREAD };
  return { kind: 'cross-entropy', labelSmoothing };
}
