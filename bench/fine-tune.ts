import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledImages } from '../src/ml/models/training/labelled-images.ts';
import { ADAMW } from '../src/ml/models/training/optimisers.ts';
import { train } from '../src/ml/models/training/train.ts';
import { createRandom, deriveSeed } from '../src/ml/random.ts';
import { SUBSETS, type SubsetImages } from './dev-grading.ts';

export interface FineTuning {
  /** Passes over as many images as there are; the classes come more evenly than they lie there. */
  readonly epochs: number;
  readonly learningRate: number;
  readonly seed: number;
}

const BATCH = 16;
/** Classes inside a subset are visited in proportion to n^0.3: the smallest of them has 13 images. */
const EVENNESS = 0.7;
const SHARE = { eyepacs400: 0.4, eyepacs256n: 0.6 } as const;

/** Trains a grader on the training side of the dev images; no choice is made by validation images, the last step's average is kept. */
export async function fineTune(
  model: LayersModel,
  training: SubsetImages,
  { epochs, learningRate, seed }: FineTuning,
  say: (line: string) => void,
): Promise<void> {
  const order = visits(training, Math.round(epochs * training.images.count), seed);
  const started = performance.now();
  let seen = 0;
  const repeated: LabelledImages = {
    ...training.images,
    count: order.length,
    labels: order.map((index) => training.images.labels[index] ?? 0),
    pixels: (place) => {
      seen += 1;
      if (seen % (BATCH * 40) === 0) {
        const minutes = (performance.now() - started) / 60_000;
        say(`${seen} of ${order.length} images trained on, ${minutes.toFixed(1)} min`);
      }
      return training.images.pixels(order[place] ?? 0);
    },
  };
  const settings = {
    seed,
    epochs: 1,
    batchSize: BATCH,
    optimiser: { ...ADAMW, weightDecay: 0.02 },
    learningRate,
    warmupEpochs: 0.1,
    labelSmoothing: 0.05,
    balance: 0,
    averageDecay: 0.99,
    augmentation: { flip: true, rotation: 30, zoom: 0.15, brightness: 0.08, contrast: 0.2, colour: 0.1 },
  };
  const few = {
    ...training.images,
    count: BATCH,
    labels: Array.from(training.images.labels).slice(0, BATCH),
  };
  const [report] = await train(model, repeated, few, settings);
  say(`mean loss ${report?.loss.toFixed(3) ?? '-'}`);
}

/** Which image each place of the run shows: subsets in equal parts, classes evened, an image again only after all others of its class. */
function visits({ images, subsets }: SubsetImages, count: number, seed: number): number[] {
  const random = createRandom(deriveSeed(seed, 'visits'));
  const order: number[] = [];
  for (const subset of SUBSETS) {
    const classes = Array.from({ length: images.classes }, (_, label) =>
      subsets.flatMap((name, index) => (name === subset && images.labels[index] === label ? [index] : [])),
    );
    const weights = classes.map(({ length }) => (length === 0 ? 0 : length ** (1 - EVENNESS)));
    const sum = weights.reduce((a, b) => a + b, 0);
    classes.forEach((members, label) => {
      const wanted = Math.round((count * SHARE[subset] * (weights[label] ?? 0)) / sum);
      const chosen: number[] = [];
      while (chosen.length < wanted) chosen.push(...random.shuffle(members).slice(0, wanted - chosen.length));
      order.push(...chosen);
    });
  }
  return random.shuffle(order);
}
