import { expect, it } from 'vitest';
import { runLengths } from '../annotations/run-lengths.ts';
import { maskParts } from './mask-parts.ts';

function drawn(...rows: readonly string[]) {
  const data = Uint8Array.from(rows.join(''), (letter) => (letter === '#' ? 1 : 0));
  return { width: rows[0].length, height: rows.length, data };
}

it('joins pixels that touch at a corner and keeps others apart', () => {
  const parts = maskParts(drawn('#...', '.#..', '....', '..##'));
  expect(parts.map(({ area, box }) => ({ area, box }))).toEqual([
    { area: 2, box: { x: 0, y: 0, width: 2, height: 2 } },
    { area: 2, box: { x: 2, y: 3, width: 2, height: 1 } },
  ]);
});

it('does not join across the end of a row', () => {
  expect(maskParts(drawn('...#', '#...'))).toHaveLength(2);
});

it('finds nothing in an empty mask', () => {
  expect(maskParts(drawn('...', '...'))).toEqual([]);
});

it('counts run lengths down the columns, beginning with clear pixels', () => {
  // Column by column: 0 1 | 1 1 | 0 0 -> 1 clear, 3 set, 2 clear.
  const mask = drawn('.#.', '##.');
  const [part] = maskParts(mask);
  expect(runLengths(part.pixels, mask.width, mask.height)).toEqual([1, 3, 2]);
  expect(runLengths([0, 3], 3, 2)).toEqual([0, 2, 4]);
});
