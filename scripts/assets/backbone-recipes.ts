import type { ArchitectureName } from '../../src/ml/models/architectures/architectures.ts';
import type { PretrainingSettings } from '../../src/ml/models/pretraining/pretrain.ts';

/** How a bundled backbone is pretrained on synthetic retinas; together with the sources it decides its weights. */
export interface BackboneRecipe {
  readonly architecture: ArchitectureName;
  /** Decides the initial weights. */
  readonly seed: number;
  readonly side: number;
  readonly retinas: { readonly firstSeed: number; readonly count: number };
  /** One after the other; each starts with a new pyramid and a new optimiser. */
  readonly stages: readonly PretrainingSettings[];
  /** Values a kernel's weights are rounded to. */
  readonly levels: number;
}

const RETINAS = { firstSeed: 10_000_000, count: 10_000 };

const STAGE: PretrainingSettings = {
  seed: 1,
  steps: 2400,
  batchSize: 8,
  learningRate: 0.001,
  weightDecay: 0.02,
  warmupSteps: 100,
  averageDecay: 0.998,
};

export const BACKBONES: Readonly<Record<string, BackboneRecipe>> = {
  'resnet18-synthetic': {
    architecture: 'resnet18',
    seed: 1,
    side: 160,
    retinas: RETINAS,
    stages: [{ ...STAGE, steps: 3600 }],
    levels: 64,
  },
  'small-vgg-synthetic': {
    architecture: 'small-vgg',
    seed: 1,
    side: 160,
    retinas: RETINAS,
    stages: [{ ...STAGE, steps: 6000, learningRate: 0.002, strides: [4, 8, 16] }],
    levels: 256,
  },
};

/** Carried no further than random weights on real photographs (docs/methods/backbones.md), so they do not ship; made when named. */
export const TRIED_BACKBONES: typeof BACKBONES = {
  'mobilenetv2-synthetic': {
    architecture: 'mobilenetv2',
    seed: 1,
    side: 160,
    retinas: RETINAS,
    stages: [STAGE],
    levels: 128,
  },
};
