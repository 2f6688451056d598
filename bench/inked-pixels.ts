import type { BinaryMask } from '../src/ml/imaging/plane.ts';
import type { PlacedStamp } from '../src/ml/watermark/stamp.ts';

/** Every pixel that a mark's silhouette gives any ink, on an image of `width` x `height` pixels. */
export function inkedPixels(stamps: readonly PlacedStamp[], width: number, height: number): BinaryMask {
  const data = new Uint8Array(width * height);
  for (const { x, y, stamp } of stamps) {
    stamp.opacity.forEach((opacity, p) => {
      if (opacity > 0) data[(y + Math.floor(p / stamp.width)) * width + x + (p % stamp.width)] = 1;
    });
  }
  return { width, height, data };
}
