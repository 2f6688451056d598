import type { ArchitectureName } from '../../src/ml/models/architectures/architectures.ts';
import { ADAMW } from '../../src/ml/models/training/optimisers.ts';
import type { TrainingSettings } from '../../src/ml/models/training/train.ts';

/** How a bundled grader is made; together with the sources it decides every weight. */
export interface GraderRecipe {
  readonly architecture: ArchitectureName;
  /** What the demo uses it for. The victim shares neither architecture nor training images with the surrogates. */
  readonly role: 'surrogate' | 'victim';
  /** Decides the initial weights. */
  readonly seed: number;
  readonly training: ImageSet;
  readonly settings: TrainingSettings;
}

/** A range of eyes of the synthetic generator, grades 0..4 in turn. */
export interface ImageSet {
  readonly firstSeed: number;
  readonly count: number;
}

export const INPUT_SIDE = 128;
/**
 * Images are painted at the size of the samples and at a smaller one, in turn, and squeezed to the input. The size matters:
 * graders that learned from pictures painted at 192 px were right on 76-79 % of such pictures, but on 54-64 % of those
 * painted at 512 px.
 */
export const RENDER_SIZES = [512, 320] as const;

/** Watched during training, never used to choose anything. */
export const VALIDATION: ImageSet = { firstSeed: 800_000, count: 50 };
/** Measures the finished file. Earlier recipes were measured on the same eyes before this one was settled. */
export const HELD_OUT: ImageSet = { firstSeed: 900_000, count: 300 };
/** Held-out images are painted at the size of the samples, and at one that training has not seen. */
export const HELD_OUT_SIZE = 512;
export const HELD_OUT_UNSEEN_SIZE: ImageSet & { renderSize: number } = {
  firstSeed: 950_000,
  count: 100,
  renderSize: 256,
};

const SETTINGS: TrainingSettings = {
  seed: 1,
  epochs: 11,
  batchSize: 16,
  optimiser: ADAMW,
  learningRate: 0.003,
  warmupEpochs: 1,
  labelSmoothing: 0.05,
  balance: 0,
  averageDecay: 0.99,
  augmentation: { flip: true, rotation: 15, zoom: 0.05, brightness: 0.04, contrast: 0.1, colour: 0.05 },
};

const SURROGATE_IMAGES: ImageSet = { firstSeed: 100_000, count: 800 };
const VICTIM_IMAGES: ImageSet = { firstSeed: 200_000, count: 800 };

export const GRADERS: Readonly<Record<string, GraderRecipe>> = {
  'demo-resnet': {
    architecture: 'small-resnet',
    role: 'surrogate',
    seed: 1,
    training: SURROGATE_IMAGES,
    settings: { ...SETTINGS, seed: 1 },
  },
  'demo-vgg': {
    architecture: 'small-vgg',
    role: 'surrogate',
    seed: 2,
    training: SURROGATE_IMAGES,
    settings: { ...SETTINGS, seed: 2 },
  },
  // Last by name: the demo takes the last one as its victim.
  'demo-victim-mobilenet': {
    architecture: 'small-mobilenet',
    role: 'victim',
    seed: 3,
    training: VICTIM_IMAGES,
    settings: { ...SETTINGS, seed: 3 },
  },
};
