import type { PlacedStamp } from '../watermark/stamp.ts';

/** Inked pixels of a whole image as pairs (first pixel, number of pixels) over the row-major pixel index, ascending. */
export interface SilhouetteMap {
  readonly runs: Uint32Array;
  /** Number of inked pixels. */
  readonly pixels: number;
}

/** Union of the stamps' pixels with opacity > 0. Throws RangeError when a stamp leaves the image. */
export function silhouetteMap(width: number, height: number, stamps: readonly PlacedStamp[]): SilhouetteMap {
  const mask = new Uint8Array(width * height);
  for (const { x, y, stamp } of stamps) {
    if (x < 0 || y < 0 || x + stamp.width > width || y + stamp.height > height) {
      throw new RangeError(
        `a ${stamp.width}x${stamp.height} stamp at ${x},${y} leaves the ${width}x${height} image`,
      );
    }
    for (let row = 0; row < stamp.height; row++) {
      const target = (y + row) * width + x;
      for (let column = 0; column < stamp.width; column++) {
        if (stamp.opacity[row * stamp.width + column] > 0) mask[target + column] = 1;
      }
    }
  }
  const runs: number[] = [];
  let pixels = 0;
  for (let start = mask.indexOf(1); start >= 0;) {
    const next = mask.indexOf(0, start);
    const end = next < 0 ? mask.length : next;
    runs.push(start, end - start);
    pixels += end - start;
    start = next < 0 ? -1 : mask.indexOf(1, end);
  }
  return { runs: Uint32Array.from(runs), pixels };
}

/**
 * Runs as unsigned LEB128 numbers: pixels skipped since the end of the run before, pixels of the run, and so on. The
 * first skip counts from pixel 0 and may be 0; all other numbers are at least 1.
 */
export function encodeSilhouette({ runs }: SilhouetteMap): Buffer {
  const bytes: number[] = [];
  let end = 0;
  for (let index = 0; index < runs.length; index += 2) {
    pushVarint(bytes, runs[index] - end);
    pushVarint(bytes, runs[index + 1]);
    end = runs[index] + runs[index + 1];
  }
  return Buffer.from(bytes);
}

/** Reverse of `encodeSilhouette`; null for bytes that are not exactly such an encoding within `pixelCount` pixels. */
export function decodeSilhouette(bytes: Uint8Array, pixelCount: number): SilhouetteMap | null {
  if (pixelCount > 0xffff_ffff) return null;
  const runs: number[] = [];
  let end = 0;
  let pixels = 0;
  let offset = 0;
  while (offset < bytes.length) {
    const skip = readVarint(bytes, offset);
    const run = skip && readVarint(bytes, skip.next);
    if (!skip || !run || run.value === 0 || (skip.value === 0 && offset > 0)) return null;
    const start = end + skip.value;
    end = start + run.value;
    if (end > pixelCount) return null;
    runs.push(start, run.value);
    pixels += run.value;
    offset = run.next;
  }
  return { runs: Uint32Array.from(runs), pixels };
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

/** One LEB128 number of at most five bytes, shortest form only. */
function readVarint(bytes: Uint8Array, from: number): { value: number; next: number } | null {
  let value = 0;
  for (let index = 0; index < 5 && from + index < bytes.length; index++) {
    const byte = bytes[from + index];
    value += (byte & 0x7f) * 0x80 ** index;
    if (byte < 0x80) return byte === 0 && index > 0 ? null : { value, next: from + index + 1 };
  }
  return null;
}
