import { expect, test } from 'vitest';
import { chooseLevel, fitView, oneToOne, panBy, toImage, toPane, zoomAt } from './viewport.ts';

const image = { width: 4288, height: 2848 };
const pane = { width: 1000, height: 700 };

test('fit shows the whole image and touches the pane on its narrower side', () => {
  const view = fitView(image, pane);
  const left = toPane(view, { x: 0, y: 0 }, pane);
  const right = toPane(view, { x: 4288, y: 2848 }, pane);
  expect(left.x).toBeCloseTo(0);
  expect(right.x).toBeCloseTo(1000);
  expect(left.y).toBeGreaterThan(0);
  expect(right.y).toBeLessThan(700);
});

test('zooming keeps the image point under the pointer', () => {
  const at = { x: 730, y: 120 };
  const view = { scale: 0.5, x: 2000, y: 1400 };
  const before = toImage(view, at, pane);
  const after = toImage(zoomAt(view, 3, at, image, pane), at, pane);
  expect(after.x).toBeCloseTo(before.x, 6);
  expect(after.y).toBeCloseTo(before.y, 6);
});

test('zooming in and out by the same factor comes back', () => {
  const view = { scale: 0.5, x: 2000, y: 1400 };
  const at = { x: 10, y: 690 };
  const back = zoomAt(zoomAt(view, 2, at, image, pane), 0.5, at, image, pane);
  expect(back.scale).toBeCloseTo(0.5);
  expect(back.x).toBeCloseTo(2000);
});

test('1:1 puts an image pixel on a device pixel on a doubled screen', () => {
  expect(oneToOne({ scale: 3, x: 5, y: 6 }, 2)).toEqual({ scale: 0.5, x: 5, y: 6 });
});

test('a pan follows the pointer and cannot push the image out of sight', () => {
  const view = { scale: 2, x: 100, y: 100 };
  expect(panBy(view, 20, -10, image)).toEqual({ scale: 2, x: 90, y: 105 });
  expect(panBy(view, 1e6, 1e6, image)).toEqual({ scale: 2, x: 0, y: 0 });
});

test('image and pane coordinates are inverse', () => {
  const view = { scale: 0.37, x: 812.5, y: 94 };
  const there = toImage(view, { x: 311, y: 205 }, pane);
  const back = toPane(view, there, pane);
  expect(back.x).toBeCloseTo(311);
  expect(back.y).toBeCloseTo(205);
});

test('the smallest level that is not blurred is taken', () => {
  const levels = [4288, 2144, 1072, 536].map((width) => ({
    width,
    height: Math.round((width * 2848) / 4288),
  }));
  expect(chooseLevel(levels, image, 1, 1)).toBe(0);
  expect(chooseLevel(levels, image, 0.5, 1)).toBe(1);
  expect(chooseLevel(levels, image, 0.25, 1)).toBe(2);
  expect(chooseLevel(levels, image, 0.25, 2)).toBe(1);
  expect(chooseLevel(levels, image, 0.01, 1)).toBe(3);
  expect(chooseLevel(levels, image, 8, 1)).toBe(0);
});

test('before layout, in a pane without size, the scale is finite', () => {
  expect(fitView(image, { width: 0, height: 0 }).scale).toBe(1);
});
