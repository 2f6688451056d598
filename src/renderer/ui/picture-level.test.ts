import { expect, it } from 'vitest';
import { pictureLevel } from './picture-level.ts';

const levels = [
  { width: 4288, height: 2848 },
  { width: 2144, height: 1424 },
  { width: 1072, height: 712 },
  { width: 536, height: 356 },
];

it('takes the smallest level that need not be enlarged', () => {
  expect(pictureLevel({ levels }, 100)).toBe(3);
  expect(pictureLevel({ levels }, 536)).toBe(3);
  expect(pictureLevel({ levels }, 537)).toBe(2);
  expect(pictureLevel({ levels }, 2000)).toBe(1);
});

it('takes the largest where even that is too small', () => {
  expect(pictureLevel({ levels }, 9000)).toBe(0);
});
