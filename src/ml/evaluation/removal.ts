import { parsePipeline } from '../imaging/pipelines.ts';
import type { BinaryMask } from '../imaging/plane.ts';
import type { Raster } from '../imaging/raster.ts';
import { dilate } from '../lesions/dilation.ts';
import type { PlacedStamp } from '../watermark/stamp.ts';
import { inpaintTelea } from './inpaint-telea.ts';
import type { MeasuredPipeline } from './transfer.ts';

export interface RemovalOptions {
  /** Pixels by which the known ink is widened before it is filled: covers blended and resampled edges. */
  readonly grow?: number;
  /** Radius of the neighbourhood each pixel is filled from. */
  readonly radius?: number;
  /** Where the remover works: on the image as published, or on what a grader of its size would see. */
  readonly at?: 'native' | 'grader';
}

/**
 * An analyst who knows where the ink is and inpaints it before the grader reads the image, as a consumer pipeline. Through
 * `measureImage` the protected answer then says what is left of the effect, and the clean answer (the same removal with the
 * same mask on the unmarked image) what removal itself costs. The control's marks lie elsewhere and stay: ignore that column.
 * At `grader` scale the image is squeezed first, as in `direct`, and every pixel the ink touches counts as ink.
 */
export function removalPipeline(ink: BinaryMask, options: RemovalOptions = {}): MeasuredPipeline {
  const { grow = 2, radius = 3, at = 'native' } = options;
  const direct = parsePipeline('direct');
  const id = `inpaint-${at}:${grow}:${radius}`;
  if (at === 'native') {
    const hole = dilate(ink, grow);
    return { id, apply: (raster, size) => direct.apply(inpaintTelea(raster, hole, radius), size) };
  }
  return {
    id,
    apply: async (raster, size) =>
      inpaintTelea(await direct.apply(raster, size), dilate(shrink(ink, size), grow), radius),
  };
}

/** Every inked pixel of the marks over an image of this size. */
export function inkMask(image: Pick<Raster, 'width' | 'height'>, stamps: readonly PlacedStamp[]): BinaryMask {
  const data = new Uint8Array(image.width * image.height);
  for (const { x, y, stamp } of stamps) {
    for (let row = 0; row < stamp.height; row++)
      for (let column = 0; column < stamp.width; column++) {
        const inside = x + column >= 0 && x + column < image.width && y + row >= 0 && y + row < image.height;
        if (inside && stamp.opacity[row * stamp.width + column] > 0)
          data[(y + row) * image.width + x + column] = 1;
      }
  }
  return { width: image.width, height: image.height, data };
}

/** A smaller mask whose pixel is set where its area holds any set pixel. */
function shrink(mask: BinaryMask, size: { width: number; height: number }): BinaryMask {
  const data = new Uint8Array(size.width * size.height);
  mask.data.forEach((set, place) => {
    if (set === 0) return;
    const column = place % mask.width;
    const row = (place - column) / mask.width;
    const [left, right] = covered(column, mask.width, size.width);
    const [top, bottom] = covered(row, mask.height, size.height);
    for (let y = top; y <= bottom; y++) data.fill(1, y * size.width + left, y * size.width + right + 1);
  });
  return { width: size.width, height: size.height, data };
}

/** First and last of `to` cells that cell `position` of `from` cells reaches into. */
function covered(position: number, from: number, to: number): [number, number] {
  const first = Math.floor((position * to) / from);
  const last = Math.ceil(((position + 1) * to) / from) - 1;
  return [first, Math.max(first, Math.min(to - 1, last))];
}
