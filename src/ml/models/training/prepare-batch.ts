import sharp from 'sharp';
import { createRandom, deriveSeed } from '../../random.ts';
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

const BEST_QUALITY = 95;

/** Varies the images of a batch into one array, [n, side, side, 3] in [0, 1]. */
export async function prepareBatch(recipe: BatchRecipe): Promise<Float32Array<ArrayBuffer>> {
  const { sources, side, augmentation, seeds } = recipe;
  const size = side ** 2 * 3;
  const pixels = new Float32Array(sources.length * size);
  const stored = await Promise.all(
    sources.map((source, place) => perhapsThroughJpeg(source, side, augmentation.jpeg ?? 0, seeds[place])),
  );
  stored.forEach((source, place) => {
    augment(source, side, augmentation, createRandom(seeds[place]), pixels, place * size);
  });
  return pixels;
}

/** Half of the images: stored as a 4:2:0 JPEG of an even quality from `lowest` to 95, and read again. */
async function perhapsThroughJpeg(
  source: Uint8Array,
  side: number,
  lowest: number,
  seed: number,
): Promise<Uint8Array> {
  const random = createRandom(deriveSeed(seed, 'jpeg'));
  if (lowest <= 0 || random.next() < 0.5) return source;
  const quality = Math.round(lowest + random.next() * Math.max(0, BEST_QUALITY - lowest));
  const raw = { width: side, height: side, channels: 3 } as const;
  const file = await sharp(source, { raw }).jpeg({ quality, chromaSubsampling: '4:2:0' }).toBuffer();
  return sharp(file).raw().toBuffer();
}
