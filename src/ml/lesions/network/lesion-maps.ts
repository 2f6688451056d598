import type { BinaryMask } from '../../imaging/plane.ts';
import type { NetworkClass } from './lesion-classes.ts';
import type { Exposure } from './network-view.ts';

/** Steps of a quantised probability: engines differ in the last bits of a sum, and zones should not. */
export const probabilitySteps = 1000;

/** What the network says about a photograph, at the scale of its view. */
export interface LesionMaps {
  readonly width: number;
  readonly height: number;
  /** The part of the photograph the maps cover, in native pixels. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly exposure: Exposure;
  /** Probability of each class, row by row, in thousandths. */
  readonly values: Readonly<Record<NetworkClass, Uint16Array>>;
}

/**
 * Pixels of a photograph of the given size where a class has at least `threshold` (0..1), by linear interpolation between the
 * cells of the map.
 */
export function maskAbove(
  { width, height, box, values }: LesionMaps,
  name: NetworkClass,
  threshold: number,
  size: { readonly width: number; readonly height: number },
): BinaryMask {
  const data = new Uint8Array(size.width * size.height);
  const map = values[name];
  const limit = threshold * probabilitySteps;
  const columns = cellsAlong(box.x, box.width, width, size.width);
  const rows = cellsAlong(box.y, box.height, height, size.height);
  for (let y = rows.from; y < rows.to; y++) {
    const top = rows.cell[y] * width;
    const bottom = rows.next[y] * width;
    const down = rows.part[y];
    for (let x = columns.from; x < columns.to; x++) {
      const left = columns.cell[x];
      const right = columns.next[x];
      const across = columns.part[x];
      const above = map[top + left] * (1 - across) + map[top + right] * across;
      const below = map[bottom + left] * (1 - across) + map[bottom + right] * across;
      if (above * (1 - down) + below * down >= limit) data[y * size.width + x] = 1;
    }
  }
  return { ...size, data };
}

interface Cells {
  /** Native pixels the maps cover: from (included) .. to (not included). */
  readonly from: number;
  readonly to: number;
  readonly cell: Int32Array;
  readonly next: Int32Array;
  readonly part: Float32Array;
}

function cellsAlong(start: number, length: number, cells: number, pixels: number): Cells {
  const from = Math.max(0, Math.floor(start));
  const to = Math.min(pixels, Math.ceil(start + length));
  const cell = new Int32Array(pixels);
  const next = new Int32Array(pixels);
  const part = new Float32Array(pixels);
  for (let p = from; p < to; p++) {
    const place = Math.min(cells - 1, Math.max(0, ((p + 0.5 - start) / length) * cells - 0.5));
    cell[p] = Math.floor(place);
    next[p] = Math.min(cells - 1, cell[p] + 1);
    part[p] = place - cell[p];
  }
  return { from, to, cell, next, part };
}
