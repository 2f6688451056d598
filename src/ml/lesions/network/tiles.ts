import type { Box } from '../../imaging/plane.ts';
import { sideStep } from './lesion-network.ts';

/** A part of a view that is run at once; `rows` and `columns` are multiples of 16 and may pass the view's end. */
export interface Tile {
  readonly x: number;
  readonly y: number;
  readonly rows: number;
  readonly columns: number;
  /** The part whose answers are kept. */
  readonly inner: Box;
}

/** Largest kept part of a tile, and how far a tile reads beyond it: more than a microaneurysm, about a disc's radius. */
const largestInner = 512;
const margin = 48;

/** Cuts a view into tiles of about equal size that overlap by the margin, so that memory does not grow with the picture. */
export function tilesOf(width: number, height: number): Tile[] {
  return spans(height).flatMap((row) =>
    spans(width).map((column) => ({
      x: column.start,
      y: row.start,
      rows: row.length,
      columns: column.length,
      inner: { x: column.from, y: row.from, width: column.to - column.from, height: row.to - row.from },
    })),
  );
}

function spans(length: number): { start: number; length: number; from: number; to: number }[] {
  const count = Math.ceil(length / largestInner);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * length) / count);
    const to = Math.floor(((i + 1) * length) / count);
    // The network halves its picture four times: tiles start and end on whole cells of the coarsest level.
    const start = Math.max(0, Math.floor((from - margin) / sideStep) * sideStep);
    const end = Math.min(
      Math.ceil(length / sideStep) * sideStep,
      Math.ceil((to + margin) / sideStep) * sideStep,
    );
    return { start, length: end - start, from, to };
  });
}
