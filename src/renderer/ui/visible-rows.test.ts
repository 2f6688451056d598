import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gridShape, movedPosition, visibleRows } from './visible-rows.ts';

it('fills the width with as many tiles as fit', () => {
  expect(gridShape(10, 320, 100, 10)).toEqual({ columns: 3, rows: 4, tileWidth: 100 });
  expect(gridShape(10, 50, 100, 10)).toEqual({ columns: 1, rows: 10, tileWidth: 50 });
  expect(gridShape(10, 800, Infinity, 10)).toMatchObject({ columns: 1, rows: 10 });
});

it('draws few rows of a folder of 10,000 images', () => {
  const shape = gridShape(10_000, 1000, 120, 8);
  const { first, end } = visibleRows(shape, 50_000, 700, 158, 3);
  expect(end - first).toBeLessThan(13);
  expect(first * 158).toBeLessThan(50_000);
  expect(end * 158).toBeGreaterThan(50_700);
});

it('never draws rows that do not exist, wherever it is scrolled to', () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.integer({ min: 0, max: 2000 }),
      (rows, top, height) => {
        const { first, end } = visibleRows({ rows }, top, height, 100, 2);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(rows);
        expect(first).toBeLessThanOrEqual(end);
      },
    ),
  );
});

it('moves by arrow, page and ends, and stays inside', () => {
  expect(movedPosition('ArrowRight', 4, 10, 3, 2)).toBe(5);
  expect(movedPosition('ArrowDown', 4, 10, 3, 2)).toBe(7);
  expect(movedPosition('ArrowDown', 8, 10, 3, 2)).toBe(9);
  expect(movedPosition('ArrowUp', 1, 10, 3, 2)).toBe(0);
  expect(movedPosition('PageDown', 0, 10, 3, 2)).toBe(6);
  expect(movedPosition('End', 0, 10, 3, 2)).toBe(9);
  expect(movedPosition('Home', 7, 10, 3, 2)).toBe(0);
  expect(movedPosition('a', 7, 10, 3, 2)).toBeNull();
  expect(movedPosition('End', 0, 0, 3, 2)).toBeNull();
});
