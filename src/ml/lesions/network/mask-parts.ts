import type { BinaryMask, Box } from '../../imaging/plane.ts';

/** A connected part of a mask. */
export interface MaskPart {
  readonly box: Box;
  /** Set pixels in it. */
  readonly area: number;
  /** Their indices (row * width + column). */
  readonly pixels: Int32Array;
}

/** The 8-connected parts of a mask, in the order of their first pixels. */
export function maskParts({ width, height, data }: BinaryMask): MaskPart[] {
  const seen = new Uint8Array(data.length);
  const stack: number[] = [];
  const parts: MaskPart[] = [];
  for (let start = data.indexOf(1); start >= 0; start = data.indexOf(1, start + 1)) {
    if (seen[start] === 1) continue;
    seen[start] = 1;
    stack.push(start);
    const pixels: number[] = [];
    for (let p = stack.pop(); p !== undefined; p = stack.pop()) {
      pixels.push(p);
      const x = p % width;
      const y = (p - x) / width;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (data[next] === 0 || seen[next] === 1) continue;
          seen[next] = 1;
          stack.push(next);
        }
      }
    }
    parts.push(partOf(pixels, width));
  }
  return parts;
}

function partOf(pixels: readonly number[], width: number): MaskPart {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  for (const p of pixels) {
    const x = p % width;
    const y = (p - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const box = { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  return { box, area: pixels.length, pixels: Int32Array.from(pixels) };
}
