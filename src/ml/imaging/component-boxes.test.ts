import { describe, expect, it } from 'vitest';
import { componentBoxes } from './component-boxes.ts';

describe('componentBoxes', () => {
  it('boxes every component, the largest first', () => {
    expect(boxesOf(['##...', '##..#', '.....', '..#..'])).toEqual([
      { x: 0, y: 0, width: 2, height: 2 },
      { x: 4, y: 1, width: 1, height: 1 },
      { x: 2, y: 3, width: 1, height: 1 },
    ]);
  });

  it('joins arms that meet further down, corners included, in one box', () => {
    expect(boxesOf(['#...#', '#...#', '.#.#.', '..#..'])).toEqual([{ x: 0, y: 0, width: 5, height: 4 }]);
    expect(boxesOf(['#.#.#', '#####'])).toEqual([{ x: 0, y: 0, width: 5, height: 2 }]);
  });

  it('finds nothing in an empty mask and one box in a full one', () => {
    expect(boxesOf(['...'])).toEqual([]);
    expect(boxesOf(['###', '###'])).toEqual([{ x: 0, y: 0, width: 3, height: 2 }]);
  });
});

function boxesOf(rows: string[]) {
  const data = Uint8Array.from([...rows.join('')], (sign) => (sign === '#' ? 1 : 0));
  return componentBoxes({ width: rows[0].length, height: rows.length, data });
}
