import type { LesionTrainingSettings } from './train-lesion-network.ts';

/** Folds by image: image i belongs to fold i modulo this, in the order of file names. */
export const lesionFolds = 5;

const seed = 2029;
const common = { seed, patchesPerStep: 4, patchSide: 192, warmupSteps: 40, averageDecay: 0.99 } as const;

/**
 * How the bundled network is made: first on synthetic retinas alone, once for all folds; then on photographs with a tenth of
 * synthetic patches among them.
 */
export const lesionRecipe: {
  readonly seed: number;
  readonly invented: { readonly count: number; readonly size: number };
  readonly ancestor: LesionTrainingSettings;
  readonly descent: LesionTrainingSettings;
  readonly inventedShare: number;
} = {
  seed,
  invented: { count: 18, size: 840 },
  ancestor: { ...common, steps: 400, learningRate: 3e-3 },
  descent: { ...common, steps: 800, learningRate: 3e-3 },
  inventedShare: 0.1,
};
