import type { BinaryMask, Box } from '../imaging/plane.ts';
import { dilate } from './dilation.ts';
import { columnDistances, envelopeScratch, squaredDistances } from './distance.ts';
import type { ColumnDistances } from './distance.ts';
import { countCovered, isFree, occupancyOf } from './occupancy.ts';
import type { Occupancy } from './occupancy.ts';
import type { Silhouette } from './silhouette.ts';

/** Side in pixels of the cells of the quick test. */
const cell = 16;

/**
 * What all legality maps of one forbidden zone share: the exact row table, a coarse integral image that accepts boxes
 * far from anything forbidden with four look-ups, and, from the first question about clearance on, column distances.
 * About two bytes a pixel, four with clearance.
 */
export class ZoneIndex {
  readonly mask: BinaryMask;
  readonly occupancy: Occupancy;
  /** Smallest box around all allowed pixels; the whole image when none is allowed. */
  readonly allowed: Box;
  readonly #cellColumns: number;
  readonly #integral: Uint32Array;
  #columns: ColumnDistances | undefined;
  readonly #grown = new WeakMap<Silhouette, Map<number, Occupancy>>();

  constructor(mask: BinaryMask) {
    const { width, height } = mask;
    if (mask.data.length !== width * height) {
      throw new RangeError(
        `a ${width}x${height} zone needs ${width * height} samples, got ${mask.data.length}`,
      );
    }
    this.mask = mask;
    this.occupancy = occupancyOf(mask);
    this.allowed = allowedBox(mask);
    this.#cellColumns = Math.ceil(width / cell);
    this.#integral = cellIntegral(mask, this.#cellColumns, Math.ceil(height / cell));
  }

  /** Whether no inked pixel lies on the zone; the silhouette's box must lie inside the image. */
  isFree(silhouette: Silhouette, x: number, y: number): boolean {
    return (
      this.#isBoxSurelyFree(x, y, silhouette.width, silhouette.height) ||
      isFree(this.occupancy, silhouette, x, y)
    );
  }

  clearance(silhouette: Silhouette, x: number, y: number): number {
    const { width, height } = this.mask;
    if (countCovered(this.occupancy, silhouette, x, y) > 0) return 0;
    this.#columns ??= columnDistances(this.mask);
    const distances = new Float64Array(width);
    const scratch = envelopeScratch(width);
    const { runs } = silhouette;
    let nearest = Infinity;
    for (let index = 0; index < runs.length; index += 3) {
      const row = y + runs[index];
      const start = Math.max(0, x + runs[index + 1]);
      const end = Math.min(width, x + runs[index + 2]);
      if (row < 0 || row >= height || start >= end) continue;
      squaredDistances(this.#columns, row, start, end, distances, scratch);
      for (let column = start; column < end; column++) nearest = Math.min(nearest, distances[column]);
    }
    return Math.sqrt(nearest);
  }

  /** The silhouette's pixels and all within `margin` of them, relative to the silhouette's corner; made once a shape. */
  grown(silhouette: Silhouette, margin: number): Occupancy {
    const known = this.#grown.get(silhouette) ?? new Map<number, Occupancy>();
    this.#grown.set(silhouette, known);
    const made = known.get(margin) ?? grow(silhouette, margin);
    known.set(margin, made);
    return made;
  }

  #isBoxSurelyFree(x: number, y: number, width: number, height: number): boolean {
    const stride = this.#cellColumns + 1;
    const left = Math.floor(x / cell);
    const top = Math.floor(y / cell) * stride;
    const right = Math.ceil((x + width) / cell);
    const bottom = Math.ceil((y + height) / cell) * stride;
    const sums = this.#integral;
    return sums[bottom + right] - sums[top + right] - sums[bottom + left] + sums[top + left] === 0;
  }
}

function grow(silhouette: Silhouette, margin: number): Occupancy {
  if (!(margin >= 0 && margin < Infinity)) throw new RangeError(`margin ${margin} is not a finite length`);
  const reach = Math.floor(margin);
  const width = silhouette.width + 2 * reach;
  const height = silhouette.height + 2 * reach;
  const data = new Uint8Array(width * height);
  for (let index = 0; index < silhouette.runs.length; index += 3) {
    const start = (silhouette.runs[index] + reach) * width + reach;
    data.fill(1, start + silhouette.runs[index + 1], start + silhouette.runs[index + 2]);
  }
  return occupancyOf(dilate({ width, height, data }, margin), -reach, -reach);
}

function allowedBox({ width, height, data }: BinaryMask): Box {
  let left = width;
  let right = -1;
  let top = height;
  let bottom = -1;
  for (let row = 0; row < height; row++) {
    const first = data.indexOf(0, row * width) - row * width;
    if (first < 0) break;
    if (first >= width) continue;
    const last = data.lastIndexOf(0, (row + 1) * width - 1) - row * width;
    left = Math.min(left, first);
    right = Math.max(right, last);
    top = Math.min(top, row);
    bottom = row;
  }
  if (right < 0) return { x: 0, y: 0, width, height };
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** Integral image over cells: number of cells with a forbidden pixel above and left of each cell corner. */
function cellIntegral({ width, height, data }: BinaryMask, columns: number, rows: number): Uint32Array {
  const stride = columns + 1;
  const sums = new Uint32Array(stride * (rows + 1));
  for (let row = 0; row < height; row++) {
    const sumRow = (Math.floor(row / cell) + 1) * stride + 1;
    for (let column = 0; column < width; column++) {
      if (data[row * width + column]) sums[sumRow + Math.floor(column / cell)] = 1;
    }
  }
  for (let row = 1; row <= rows; row++) {
    let running = 0;
    for (let column = 1; column <= columns; column++) {
      running += sums[row * stride + column];
      sums[row * stride + column] = sums[(row - 1) * stride + column] + running;
    }
  }
  return sums;
}
