import { createRandom, deriveSeed } from '../../random.ts';
import { augment, type AugmentationSettings } from './augmentation.ts';
import type { LabelledImages } from './labelled-images.ts';

export interface Batch {
  /** [n, side, side, 3] in [0, 1], row-major; never reused, since TensorFlow keeps referring to it. */
  readonly pixels: Float32Array;
  readonly labels: number[];
  readonly indices: readonly number[];
}

/**
 * The images of `order` in batches, each prepared while the previous one is being used. The variation of an image
 * depends on `seed` and its place in the order only. A last batch that is not full is left out when `wholeOnly`.
 */
export async function* batches(
  images: LabelledImages,
  order: readonly number[],
  options: { batchSize: number; augmentation: AugmentationSettings; seed: number; wholeOnly: boolean },
): AsyncGenerator<Batch> {
  const { batchSize, augmentation, seed, wholeOnly } = options;
  const size = images.side ** 2 * 3;

  const prepare = async (start: number): Promise<Batch> => {
    const indices = order.slice(start, start + batchSize);
    const sources = await Promise.all(indices.map((index) => images.pixels(index)));
    const pixels = new Float32Array(indices.length * size);
    sources.forEach((source, place) => {
      const random = createRandom(deriveSeed(seed, start + place));
      augment(source, images.side, augmentation, random, pixels, place * size);
    });
    return { pixels, labels: indices.map((index) => images.labels[index] ?? 0), indices };
  };

  const end = wholeOnly ? order.length - (order.length % batchSize) : order.length;
  let next = end > 0 ? prepare(0) : undefined;
  for (let start = 0; start < end && next !== undefined; start += batchSize) {
    const batch = await next;
    const following = start + batchSize;
    next = following < end ? prepare(following) : undefined;
    // A failure of the batch ahead must not surface as unhandled if the caller stops here.
    next?.catch(() => undefined);
    yield batch;
  }
}
