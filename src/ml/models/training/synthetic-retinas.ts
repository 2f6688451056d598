import type { Grade } from '../../imaging/synthetic-fundus.ts';
import { synthesizeFundus } from '../../imaging/synthetic-fundus.ts';
import { planResample, resample } from '../../imaging/resample.ts';
import { toRgbFloat } from '../../imaging/to-rgb.ts';
import { imagesInMemory, type LabelledImages } from './labelled-images.ts';

export interface SyntheticSetRequest {
  readonly count: number;
  /** Seed of the first eye; the others follow. Sets whose ranges do not overlap share no eye. */
  readonly firstSeed: number;
  /** Sides of the renderings in pixels; every five eyes (one of each grade) take the next one. */
  readonly renderSizes: readonly number[];
  /** Side of the images given out; smaller than the rendering, they are squeezed as a grader's input is. */
  readonly side: number;
  readonly onProgress?: (done: number) => void | Promise<void>;
}

/** Grades 0..4 in turn, one invented eye each, all in memory: side * side * 3 bytes an image. Deterministic. */
export async function syntheticRetinas(request: SyntheticSetRequest): Promise<LabelledImages> {
  const { count, firstSeed, renderSizes, side, onProgress } = request;
  const plans = renderSizes.map((size) => planResample(size, size, side, side, 'bilinear'));
  const size = side * side * 3;
  const pixels = new Uint8Array(count * size);
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 5);
  for (let index = 0; index < count; index++) {
    const turn = Math.floor(index / 5) % renderSizes.length;
    const renderSize = renderSizes[turn];
    const { raster } = synthesizeFundus({
      grade: labels[index] as Grade,
      seed: firstSeed + index,
      size: renderSize,
    });
    if (renderSize === side) {
      pixels.set(raster.data, index * size);
    } else {
      const { data } = resample(plans[turn], toRgbFloat(raster));
      for (let i = 0; i < size; i++) pixels[index * size + i] = Math.round(data[i] * 255);
    }
    await onProgress?.(index + 1);
  }
  return imagesInMemory(side, 5, labels, pixels);
}
