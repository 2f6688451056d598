import { createRandom } from '../../random.ts';
import { augment, type AugmentationSettings } from './augmentation.ts';

/** Images of a batch and how each is varied. */
export interface BatchRecipe {
  /** RGB samples, side * side * 3 each. */
  readonly sources: readonly Uint8Array[];
  readonly side: number;
  readonly augmentation: AugmentationSettings;
  /** One an image. */
  readonly seeds: readonly number[];
}

/** Varies the images of a batch into one array, [n, side, side, 3] in [0, 1]. */
export function prepareBatch({ sources, side, augmentation, seeds }: BatchRecipe): Float32Array<ArrayBuffer> {
  const size = side ** 2 * 3;
  const pixels = new Float32Array(sources.length * size);
  sources.forEach((source, place) => {
    augment(source, side, augmentation, createRandom(seeds[place]), pixels, place * size);
  });
  return pixels;
}
