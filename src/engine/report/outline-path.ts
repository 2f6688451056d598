import type { BinaryMask } from '../../ml/imaging/plane.ts';

/**
 * The border of a mask as an SVG path, the mask reduced to `width` x `height` cells first: a cell is set where at least half of
 * it is. Straight stretches become one segment, so that a thumbnail's outline stays a few kilobytes.
 */
export function outlinePath(mask: BinaryMask, width: number, height: number): string {
  const cells = reduce(mask, width, height);
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : cells[y * width + x];
  const segments: string[] = [];
  for (let y = 1; y < height; y++)
    for (const [start, end] of runs(width, (x) => at(x, y - 1) !== at(x, y)))
      segments.push(`M${start} ${y}H${end}`);
  for (let x = 1; x < width; x++)
    for (const [start, end] of runs(height, (y) => at(x - 1, y) !== at(x, y)))
      segments.push(`M${x} ${start}V${end}`);
  return segments.join('');
}

/** Maximal stretches [first, one past the last] where the test holds. */
function runs(length: number, test: (position: number) => boolean): [number, number][] {
  const found: [number, number][] = [];
  let start = -1;
  for (let position = 0; position <= length; position++) {
    const inside = position < length && test(position);
    if (inside && start < 0) start = position;
    if (!inside && start >= 0) {
      found.push([start, position]);
      start = -1;
    }
  }
  return found;
}

function reduce(mask: BinaryMask, width: number, height: number): Uint8Array {
  const set = new Uint32Array(width * height);
  const all = new Uint32Array(width * height);
  for (let y = 0; y < mask.height; y++) {
    const row = Math.floor((y * height) / mask.height) * width;
    for (let x = 0; x < mask.width; x++) {
      const cell = row + Math.floor((x * width) / mask.width);
      set[cell] += mask.data[y * mask.width + x] === 0 ? 0 : 1;
      all[cell] += 1;
    }
  }
  return Uint8Array.from(set, (n, cell) => (2 * n >= all[cell] && all[cell] > 0 ? 1 : 0));
}
