import type { BinaryMask } from '../../imaging/plane.ts';
import { mismatch, requireImageSize, unreadable } from './annotation-file.ts';

/**
 * Adds polygons in continuous coordinates (flat x, y lists; even-odd rule within a polygon, union of several) to a mask:
 * every pixel whose centre lies inside and every pixel the outline runs through, so that no marked point stays outside.
 * True when a part lies beyond the image. Throws Failure for an odd number of coordinates or a polygon wholly outside.
 */
export function addPolygons(
  mask: BinaryMask,
  polygons: readonly (readonly number[])[],
  path: string,
  element: string,
): boolean {
  const { width, height } = mask;
  let cut = false;
  for (const polygon of polygons) {
    if (polygon.length % 2 !== 0) throw unreadable(path, `${element} has an odd number of coordinates`);
    const xs = polygon.filter((_, index) => index % 2 === 0);
    const ys = polygon.filter((_, index) => index % 2 === 1);
    const [left, right] = extent(xs);
    const [top, bottom] = extent(ys);
    if (right < 0 || bottom < 0 || left >= width || top >= height) {
      throw mismatch(path, `${element} lies wholly outside the image of ${width}x${height} pixels`);
    }
    cut ||= left < 0 || top < 0 || right > width || bottom > height;
    fillInside(mask, xs, ys);
    for (let index = 0; index < xs.length; index++) {
      const next = (index + 1) % xs.length;
      coverEdge(mask, xs[index], ys[index], xs[next], ys[next]);
    }
  }
  return cut;
}

/** Adds COCO run lengths, plain or compressed: alternating runs of clear and set pixels, column by column. */
export function addRunLengths(
  mask: BinaryMask,
  segmentation: { readonly size: readonly [number, number]; readonly counts: string | readonly number[] },
  path: string,
  element: string,
): void {
  const [height, width] = segmentation.size;
  requireImageSize(path, { width, height }, mask);
  const { counts } = segmentation;
  const lengths = typeof counts === 'string' ? decompress(counts, path, element) : counts;
  const { data } = mask;
  let position = 0;
  for (const [run, length] of lengths.entries()) {
    if (length < 0 || position + length > data.length) {
      throw unreadable(path, `${element}: the run lengths do not fit ${width}x${height} pixels`);
    }
    const end = position + length;
    if (run % 2 === 0) position = end;
    for (; position < end; position++) data[(position % height) * width + Math.floor(position / height)] = 1;
  }
  if (position !== data.length) {
    throw unreadable(path, `${element}: the run lengths cover ${position} of ${data.length} pixels`);
  }
}

/**
 * The text form of pycocotools: per number 5-bit groups, least significant first, from character 48 on; bit 32 says
 * that more follow, bit 16 of the last group is the sign; from the fourth number on the difference to the one two
 * before is stored.
 */
function decompress(text: string, path: string, element: string): number[] {
  const lengths: number[] = [];
  for (let position = 0; position < text.length;) {
    let value = 0;
    let scale = 1;
    for (let more = true; more; scale *= 32) {
      const group = text.charCodeAt(position++) - 48;
      // A missing character is NaN and fails the same test.
      if (!(group >= 0 && group < 64) || scale > 2 ** 40)
        throw unreadable(path, `${element}: the compressed run lengths are damaged`);
      more = (group & 32) !== 0;
      value += (group & 31) * scale;
      if (!more && (group & 16) !== 0) value -= scale * 32;
    }
    lengths.push(lengths.length > 2 ? value + lengths[lengths.length - 2] : value);
  }
  return lengths;
}

/** Sets every pixel whose centre lies inside, by the even-odd rule. */
function fillInside({ width, height, data }: BinaryMask, xs: readonly number[], ys: readonly number[]): void {
  const [top, bottom] = extent(ys);
  for (let row = Math.max(0, Math.floor(top)); row < Math.min(height, Math.ceil(bottom)); row++) {
    const centre = row + 0.5;
    const crossings: number[] = [];
    for (let index = 0; index < xs.length; index++) {
      const next = (index + 1) % xs.length;
      if (ys[index] <= centre === ys[next] <= centre) continue;
      const part = (centre - ys[index]) / (ys[next] - ys[index]);
      crossings.push(xs[index] + part * (xs[next] - xs[index]));
    }
    crossings.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      const first = Math.max(0, Math.ceil(crossings[pair] - 0.5));
      const last = Math.min(width - 1, Math.floor(crossings[pair + 1] - 0.5));
      if (first <= last) data.fill(1, row * width + first, row * width + last + 1);
    }
  }
}

/** Sets every pixel a line runs through. */
function coverEdge(
  { width, height, data }: BinaryMask,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): void {
  const [top, bottom] = extent([y0, y1]);
  for (let row = Math.max(0, Math.floor(top)); row <= Math.min(height - 1, Math.floor(bottom)); row++) {
    const [from, to] = extent([along(x0, y0, x1, y1, row), along(x0, y0, x1, y1, row + 1)]);
    const first = Math.max(0, Math.floor(from));
    const last = Math.min(width - 1, Math.floor(to));
    if (first <= last) data.fill(1, row * width + first, row * width + last + 1);
  }
}

/** The line's x at height y, y kept within the line; a level line gives its start above its middle, else its end. */
function along(x0: number, y0: number, x1: number, y1: number, y: number): number {
  if (y0 === y1) return y <= y0 ? x0 : x1;
  const part = Math.min(1, Math.max(0, (y - y0) / (y1 - y0)));
  return x0 + part * (x1 - x0);
}

function extent(values: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}
