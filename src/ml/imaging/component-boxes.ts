import type { BinaryMask, Box } from './plane.ts';

/** A run of set pixels of the row above, with the component it belongs to. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly component: number;
}

/**
 * Smallest boxes around the components (8-connected) of a mask, largest first. Works row by row on runs, so that it needs
 * no plane of its own beside the mask.
 */
export function componentBoxes({ width, height, data }: BinaryMask): Box[] {
  const parents: number[] = [];
  const edges: { left: number; top: number; right: number; bottom: number }[] = [];
  let above: Run[] = [];
  for (let row = 0; row < height; row++) {
    const runs: Run[] = [];
    let next = 0;
    for (const { start, end } of runsOf(data, row * width, width)) {
      let component = -1;
      while (next < above.length && above[next].end < start) next++;
      for (let at = next; at < above.length && above[at].start <= end; at++) {
        const touched = rootOf(parents, above[at].component);
        if (component < 0) component = touched;
        else if (component !== touched) {
          parents[touched] = component;
          widen(edges[component], edges[touched]);
        }
      }
      const found = { left: start, top: row, right: end, bottom: row + 1 };
      if (component < 0) {
        component = parents.push(parents.length) - 1;
        edges.push(found);
      } else widen(edges[component], found);
      runs.push({ start, end, component });
    }
    above = runs;
  }
  return edges
    .filter((_, component) => parents[component] === component)
    .map(({ left, top, right, bottom }) => ({ x: left, y: top, width: right - left, height: bottom - top }))
    .sort((a, b) => b.width * b.height - a.width * a.height || a.y - b.y || a.x - b.x);
}

function* runsOf(data: Uint8Array, from: number, width: number): Generator<{ start: number; end: number }> {
  const row = data.subarray(from, from + width);
  for (let start = row.indexOf(1); start >= 0; start = row.indexOf(1, start)) {
    const gap = row.indexOf(0, start);
    const end = gap < 0 ? width : gap;
    yield { start, end };
    start = end;
    if (start >= width) return;
  }
}

function rootOf(parents: number[], component: number): number {
  let root = component;
  while (parents[root] !== root) root = parents[root];
  parents[component] = root;
  return root;
}

type Edges = { left: number; top: number; right: number; bottom: number };

function widen(edges: Edges, other: Edges): void {
  edges.left = Math.min(edges.left, other.left);
  edges.top = Math.min(edges.top, other.top);
  edges.right = Math.max(edges.right, other.right);
  edges.bottom = Math.max(edges.bottom, other.bottom);
}
