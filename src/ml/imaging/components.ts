import type { BinaryMask } from './plane.ts';

/** The largest 4-connected component of a mask (the first found among equals); empty for an empty mask. */
export function largestComponent(mask: BinaryMask): BinaryMask {
  const { width, height } = mask;
  const labels = new Int32Array(width * height);
  const stack = new Int32Array(width * height);
  let best = 0;
  let bestArea = 0;
  let label = 0;
  for (let start = 0; start < labels.length; start++) {
    if (mask.data[start] === 0 || labels[start] !== 0) continue;
    label++;
    const area = flood(mask.data, 1, width, start, labels, label, stack);
    if (area > bestArea) {
      bestArea = area;
      best = label;
    }
  }
  const data = new Uint8Array(labels.length);
  if (best > 0) for (let i = 0; i < data.length; i++) data[i] = labels[i] === best ? 1 : 0;
  return { width, height, data };
}

/** The mask with every hole (clear pixels that no path of clear pixels joins to the border) set. */
export function fillHoles(mask: BinaryMask): BinaryMask {
  const { width, height } = mask;
  const outside = new Int32Array(width * height);
  const stack = new Int32Array(width * height);
  const visit = (start: number): void => {
    if (mask.data[start] === 0 && outside[start] === 0) flood(mask.data, 0, width, start, outside, 1, stack);
  };
  for (let x = 0; x < width; x++) {
    visit(x);
    visit((height - 1) * width + x);
  }
  for (let y = 0; y < height; y++) {
    visit(y * width);
    visit(y * width + width - 1);
  }
  const data = new Uint8Array(outside.length);
  for (let i = 0; i < data.length; i++) data[i] = 1 - outside[i];
  return { width, height, data };
}

/** Marks the 4-connected pixels of `value` around `start` in `labels`; every pixel enters the stack once. Returns their number. */
function flood(
  data: Uint8Array,
  value: 0 | 1,
  width: number,
  start: number,
  labels: Int32Array,
  label: number,
  stack: Int32Array,
): number {
  let depth = 0;
  let area = 0;
  const open = (at: number): boolean => data[at] === value && labels[at] === 0;
  const push = (at: number): void => {
    labels[at] = label;
    stack[depth++] = at;
  };
  push(start);
  while (depth > 0) {
    const at = stack[--depth];
    area++;
    // A run along the row needs no stack; only the rows above and below do.
    const rowStart = at - (at % width);
    const rowEnd = rowStart + width;
    let from = at;
    while (from > rowStart && open(from - 1)) labels[--from] = label;
    let to = at + 1;
    while (to < rowEnd && open(to)) labels[to++] = label;
    area += to - from - 1;
    for (let i = from; i < to; i++) {
      if (i >= width && open(i - width)) push(i - width);
      if (i + width < data.length && open(i + width)) push(i + width);
    }
  }
  return area;
}
