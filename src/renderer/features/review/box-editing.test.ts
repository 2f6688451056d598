import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxBetween, handles, hitTest, moveBox, resizeBox } from './box-editing.ts';

const image = { width: 400, height: 300 };
const large = { x: 50, y: 50, width: 200, height: 150 };
const small = { x: 100, y: 100, width: 40, height: 30 };

test('a handle is taken before an inside, and the smaller of two boxes', () => {
  expect(hitTest([large, small], { x: 249, y: 201 }, 4)).toEqual({ index: 0, part: 'se' });
  expect(hitTest([small, large], { x: 115, y: 110 }, 4)).toEqual({ index: 0, part: 'inside' });
  expect(hitTest([large, small], { x: 300, y: 20 }, 4)).toBeNull();
});

test('a box can be drawn from any corner and ends at the edge of the image', () => {
  expect(boxBetween({ x: 90, y: 80 }, { x: -20, y: 20 }, image)).toEqual({
    x: 0,
    y: 20,
    width: 90,
    height: 60,
  });
  expect(boxBetween({ x: 10, y: 10 }, { x: 12, y: 200 }, image)).toBeNull();
});

test('moving keeps the size, at the edge too', () => {
  expect(moveBox(large, 999, -999, image)).toEqual({ x: 200, y: 0, width: 200, height: 150 });
});

test('sides do not pass each other', () => {
  const resized = resizeBox(small, 'w', 500, 0, image);
  expect(resized.x + resized.width).toBe(140);
  expect(resized.width).toBe(4);
});

test('whatever is dragged, the box stays whole and inside the image', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...handles),
      fc.integer({ min: -900, max: 900 }),
      fc.double({ min: -900, max: 900, noNaN: true }),
      (handle, dx, dy) => {
        for (const box of [resizeBox(large, handle, dx, dy, image), moveBox(small, dx, dy, image)]) {
          expect(Object.values(box).every(Number.isInteger)).toBe(true);
          expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
          expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(4);
          expect(box.x + box.width).toBeLessThanOrEqual(400);
          expect(box.y + box.height).toBeLessThanOrEqual(300);
        }
      },
    ),
  );
});
