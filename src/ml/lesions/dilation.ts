import type { BinaryMask } from '../imaging/plane.ts';
import { columnDistances } from './distance.ts';

/**
 * Dilation by a Euclidean disc: a pixel is set when its centre lies within `radius` pixels (inclusive) of the centre of
 * a set pixel. Exact and linear in the number of pixels for any radius: a pixel whose nearest set pixel in its column is
 * g away covers the columns up to floor(sqrt(radius^2 - g^2)) to either side. Throws RangeError for a radius that is
 * negative or not finite.
 */
export function dilate(mask: BinaryMask, radius: number): BinaryMask {
  if (!(radius >= 0 && radius < Infinity))
    throw new RangeError(`dilation radius ${radius} is not a finite length`);
  if (radius < 1) return { ...mask, data: mask.data.map((value) => (value ? 1 : 0)) };
  const { width, height } = mask;
  const columns = columnDistances(mask);
  const reach = halfWidths(radius);
  const data = new Uint8Array(width * height);
  const changes = new Int32Array(width + 1);
  for (let row = 0; row < height; row++) {
    const base = row * width;
    changes.fill(0);
    for (let column = 0; column < width; column++) {
      const vertical = columns.data[base + column];
      if (vertical >= reach.length) continue;
      changes[Math.max(0, column - reach[vertical])]++;
      changes[Math.min(width, column + reach[vertical] + 1)]--;
    }
    for (let column = 0, covered = 0; column < width; column++) {
      covered += changes[column];
      data[base + column] = covered > 0 ? 1 : 0;
    }
  }
  return { width, height, data };
}

/** Half width of the disc's row at each vertical distance 0..floor(radius). */
function halfWidths(radius: number): Int32Array {
  const limit = Math.min(Math.floor(radius), 0xfffe);
  return Int32Array.from({ length: limit + 1 }, (_, vertical) =>
    Math.floor(Math.sqrt(radius * radius - vertical * vertical)),
  );
}
