import type { BinaryMask } from '../imaging/plane.ts';
import type { Silhouette } from './silhouette.ts';

/**
 * A mask made quick to question about horizontal runs: `next` holds, for every pixel, the first set column at or after
 * it in its row (the width when there is none), so that one look-up decides a run of any length exactly. (x, y) is the
 * host pixel under the mask's top-left corner.
 */
export interface Occupancy {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly next: Uint16Array | Uint32Array;
}

export function occupancyOf(mask: BinaryMask, x = 0, y = 0): Occupancy {
  const { width, height, data } = mask;
  const next = width <= 0xffff ? new Uint16Array(data.length) : new Uint32Array(data.length);
  for (let row = 0; row < height; row++) {
    let nearest = width;
    for (let column = width - 1, index = (row + 1) * width - 1; column >= 0; column--, index--) {
      if (data[index]) nearest = column;
      next[index] = nearest;
    }
  }
  return { x, y, width, height, next };
}

/** Whether no inked pixel of the silhouette placed at host pixel (x, y) lies on a set pixel. */
export function isFree(occupancy: Occupancy, silhouette: Silhouette, x: number, y: number): boolean {
  const { width, height, next } = occupancy;
  const { runs } = silhouette;
  const left = x - occupancy.x;
  const top = y - occupancy.y;
  if (left >= width || top >= height || left + silhouette.width <= 0 || top + silhouette.height <= 0)
    return true;
  // Coarse rows first: a mark that collides usually does so over a patch, which a few spread rows find at once.
  const count = runs.length / 3;
  const step = Math.max(1, Math.floor(Math.sqrt(count)));
  for (let phase = 0; phase < step; phase++) {
    for (let run = phase; run < count; run += step) {
      const row = top + runs[run * 3];
      if (row < 0 || row >= height) continue;
      const start = Math.max(0, left + runs[run * 3 + 1]);
      const end = Math.min(width, left + runs[run * 3 + 2]);
      if (start < end && next[row * width + start] < end) return false;
    }
  }
  return true;
}

/** Number of inked pixels of the silhouette placed at host pixel (x, y) that lie on set pixels. */
export function countCovered(occupancy: Occupancy, silhouette: Silhouette, x: number, y: number): number {
  const { width, height, next } = occupancy;
  const { runs } = silhouette;
  let covered = 0;
  for (let index = 0; index < runs.length; index += 3) {
    const row = y - occupancy.y + runs[index];
    if (row < 0 || row >= height) continue;
    const end = Math.min(width, x - occupancy.x + runs[index + 2]);
    let column = Math.max(0, x - occupancy.x + runs[index + 1]);
    while (column < end && (column = next[row * width + column]) < end) {
      covered++;
      column++;
    }
  }
  return covered;
}
