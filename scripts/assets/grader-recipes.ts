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
/** Images are painted larger and squeezed to the input, as a photograph would be. */
export const RENDER_SIZE = 192;

/** Watched during training, never used to choose anything. */
export const VALIDATION: ImageSet = { firstSeed: 800_000, count: 100 };
/** Looked at once, by the finished file. */
export const HELD_OUT: ImageSet = { firstSeed: 900_000, count: 300 };
/** The same question at the size of the sample images. */
export const HELD_OUT_LARGE: ImageSet & { renderSize: number } = {
  firstSeed: 950_000,
  count: 100,
  renderSize: 512,
};

const SETTINGS: TrainingSettings = {
  seed: 1,
  epochs: 12,
  batchSize: 32,
  optimiser: ADAMW,
  learningRate: 0.004,
  warmupEpochs: 1,
  labelSmoothing: 0.05,
  balance: 0,
  averageDecay: 0.98,
  augmentation: { flip: true, rotation: 15, zoom: 0.05, brightness: 0.04, contrast: 0.1, colour: 0.05 },
};

const SURROGATE_IMAGES: ImageSet = { firstSeed: 100_000, count: 1000 };
const VICTIM_IMAGES: ImageSet = { firstSeed: 200_000, count: 1000 };

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
  'demo-mobilenet': {
    architecture: 'small-mobilenet',
    role: 'victim',
    seed: 3,
    training: VICTIM_IMAGES,
    settings: { ...SETTINGS, seed: 3 },
  },
};
