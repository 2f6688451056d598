import { describe, expect, it } from 'vitest';
import type { BinaryMask, Box } from './plane.ts';
import { componentBoxes } from './component-boxes.ts';
import { storedBox, uprightBox } from './upright-box.ts';
import { uprightMask } from './upright.ts';

const stored = { width: 7, height: 5 };
const box = { x: 1, y: 2, width: 3, height: 2 };

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('a box under orientation %i', (orientation) => {
  it('lies where its pixels lie when the picture is turned', () => {
    expect(componentBoxes(uprightMask(maskOf(box), orientation))).toEqual([
      uprightBox(box, stored, orientation),
    ]);
  });

  it('comes back to where it was', () => {
    expect(storedBox(uprightBox(box, stored, orientation), stored, orientation)).toEqual(box);
  });
});

function maskOf({ x, y, width, height }: Box): BinaryMask {
  const data = new Uint8Array(stored.width * stored.height);
  for (let row = y; row < y + height; row++)
    data.fill(1, row * stored.width + x, row * stored.width + x + width);
  return { ...stored, data };
}
