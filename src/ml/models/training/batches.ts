import { deriveSeed } from '../../random.ts';
import type { AugmentationSettings } from './augmentation.ts';
import type { LabelledImages } from './labelled-images.ts';
import { type BatchRecipe, prepareBatch } from './prepare-batch.ts';

export interface Batch {
  /** [n, side, side, 3] in [0, 1], row-major; never reused, since TensorFlow keeps referring to it. */
  readonly pixels: Float32Array;
  readonly labels: number[];
  readonly indices: readonly number[];
}

export interface BatchOptions {
  readonly batchSize: number;
  readonly augmentation: AugmentationSettings;
  readonly seed: number;
  readonly wholeOnly: boolean;
  /** Where batches are made; in the calling thread by default. */
  readonly prepare?: (recipe: BatchRecipe) => Promise<Float32Array>;
}

/**
 * Batches being made at a time. A step holds the thread, so that what is begun before one step is only handed to
 * another thread after it, and ready after the next.
 */
const AHEAD = 3;

/**
 * The images of `order` in batches, prepared from the call on and while earlier ones are being used. The variation of an image depends on
 * `seed` and its place in the order only. A last batch that is not full is left out when `wholeOnly`.
 */
export function batches(
  images: LabelledImages,
  order: readonly number[],
  { batchSize, augmentation, seed, wholeOnly, prepare = prepareBatch }: BatchOptions,
): AsyncGenerator<Batch> {
  const make = async (start: number): Promise<Batch> => {
    const indices = order.slice(start, start + batchSize);
    const sources = await Promise.all(indices.map((index) => images.pixels(index)));
    const seeds = indices.map((_, place) => deriveSeed(seed, start + place));
    const pixels = await prepare({ sources, side: images.side, augmentation, seeds });
    return { pixels, labels: indices.map((index) => images.labels[index] ?? 0), indices };
  };

  const end = wholeOnly ? order.length - (order.length % batchSize) : order.length;
  const ahead: Promise<Batch>[] = [];
  let begun = 0;
  const begin = (): void => {
    while (begun < end && ahead.length < AHEAD) {
      const batch = make(begun);
      // A failure of a batch ahead must not surface as unhandled if the caller stops before it.
      batch.catch(() => undefined);
      ahead.push(batch);
      begun += batchSize;
    }
  };
  begin();
  return inOrder();

  async function* inOrder(): AsyncGenerator<Batch> {
    for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
      const batch = await next;
      begin();
      yield batch;
    }
  }
}
