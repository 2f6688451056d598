import type { BinaryMask } from '../imaging/plane.ts';

/** Distance in pixels from every pixel to the nearest set pixel of its own column; `far` where the column has none. */
export interface ColumnDistances {
  readonly width: number;
  readonly height: number;
  readonly data: Uint16Array | Uint32Array;
  readonly far: number;
}

/**
 * First pass of the exact Euclidean distance transform (Felzenszwalb and Huttenlocher, Theory of Computing 8, 2012).
 * Two bytes a pixel where the height allows it: this is the only plane that has to be kept, rows follow on demand.
 */
export function columnDistances(mask: BinaryMask): ColumnDistances {
  const { width, height, data: set } = mask;
  const far = height < 0xffff ? 0xffff : 0xffff_ffff;
  const data = height < 0xffff ? new Uint16Array(set.length) : new Uint32Array(set.length);
  for (let index = 0; index < set.length; index++) {
    const above = index < width ? far : data[index - width];
    data[index] = set[index] ? 0 : above === far ? far : above + 1;
  }
  for (let index = set.length - width - 1; index >= 0; index--) {
    const below = data[index + width];
    if (below < far && below + 1 < data[index]) data[index] = below + 1;
  }
  return { width, height, data, far };
}

/** Scratch memory of `squaredDistances`, one per width. */
export interface EnvelopeScratch {
  readonly apex: Int32Array;
  readonly from: Float64Array;
}

export function envelopeScratch(width: number): EnvelopeScratch {
  return { apex: new Int32Array(width), from: new Float64Array(width) };
}

/**
 * Second pass for one row: squared Euclidean distance (between pixel centres) from the columns [start, end) of `row` to
 * the nearest set pixel of the whole mask, written to `out[start..end)`; Infinity when the mask is empty. Exact: all
 * values are integers below 2^53, and an intersection of two parabolas that is no integer is at least 1/(2 width) away
 * from one, far more than its rounding error.
 */
export function squaredDistances(
  columns: ColumnDistances,
  row: number,
  start: number,
  end: number,
  out: Float64Array,
  scratch: EnvelopeScratch,
): void {
  const { width, data, far } = columns;
  const { apex, from } = scratch;
  const base = row * width;
  let top = -1;
  for (let column = 0; column < width; column++) {
    const vertical = data[base + column];
    if (vertical === far) continue;
    const lift = vertical * vertical + column * column;
    let begin = -Infinity;
    while (top >= 0) {
      const other = apex[top];
      const otherLift = data[base + other] ** 2 + other * other;
      begin = (lift - otherLift) / (2 * (column - other));
      if (begin > from[top]) break;
      top--;
    }
    top++;
    apex[top] = column;
    from[top] = top === 0 ? -Infinity : begin;
  }
  if (top < 0) {
    out.fill(Infinity, start, end);
    return;
  }
  let piece = 0;
  for (let column = start; column < end; column++) {
    while (piece < top && from[piece + 1] < column) piece++;
    const vertical = data[base + apex[piece]];
    out[column] = (column - apex[piece]) ** 2 + vertical * vertical;
  }
}
