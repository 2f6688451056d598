import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { BinaryMask } from '../imaging/plane.ts';
import { LegalityMap } from './legality.ts';
import { silhouetteOf } from './silhouette.ts';
import type { Silhouette } from './silhouette.ts';

const zonesWithMarks = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    density: fc.double({ min: 0, max: 0.3, noNaN: true }),
  })
  .chain(({ width, height, density }) =>
    fc.record({
      mask: plane(width, height, density),
      mark: fc
        .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) })
        .chain((size) => plane(size.width, size.height, 0.5)),
      x: fc.integer({ min: -3, max: 42 }),
      y: fc.integer({ min: -3, max: 42 }),
      stride: fc.integer({ min: 1, max: 7 }),
      margin: fc.double({ min: 0, max: 5, noNaN: true }),
    }),
  );

describe('LegalityMap', () => {
  it('agrees with a pixel-by-pixel check on legality, overlap and clearance', () => {
    fc.assert(
      fc.property(zonesWithMarks, ({ mask, mark, x, y }) => {
        const map = LegalityMap.fromZone({ mask });
        const silhouette = silhouetteOf(mark);
        const inked = inkedPixels(mark, x, y);
        const inside = x >= 0 && y >= 0 && x + mark.width <= mask.width && y + mark.height <= mask.height;
        const covered = inked.filter(([px, py]) => at(mask, px, py)).length;
        expect(map.overlap(silhouette, x, y)).toBe(covered);
        expect(map.isLegal(silhouette, x, y)).toBe(inside && inked.length > 0 && covered === 0);
        if (inside) expect(map.clearance(silhouette, x, y)).toBe(nearest(mask, inked));
      }),
      { numRuns: 400 },
    );
  });

  it('lists exactly the legal positions of its grid', () => {
    fc.assert(
      fc.property(zonesWithMarks, ({ mask, mark, stride }) => {
        const map = LegalityMap.fromZone({ mask });
        const silhouette = silhouetteOf(mark);
        const every = pairs(map.legalPositions(silhouette, 1));
        expect(every).toEqual(bruteForce(map, silhouette));
        const coarse = pairs(map.legalPositions(silhouette, stride));
        expect(every).toEqual(expect.arrayContaining(coarse));
        if (coarse.length === 0) return;
        const [first] = coarse;
        const onGrid = every.filter(
          ([x, y]) => (x - first[0]) % stride === 0 && (y - first[1]) % stride === 0,
        );
        expect(coarse).toEqual(onGrid);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps later marks the margin away from placed ones and leaves the earlier map as it was', () => {
    fc.assert(
      fc.property(zonesWithMarks, ({ mask, mark, margin, x, y }) => {
        const silhouette = silhouetteOf(mark);
        const before = LegalityMap.fromZone({ mask });
        const after = before.with(silhouette, x, y, margin);
        const taken = inkedPixels(mark, x, y);
        const tooNear = (px: number, py: number) =>
          taken.some(([tx, ty]) => (tx - px) ** 2 + (ty - py) ** 2 <= margin ** 2);
        for (const [atX, atY] of bruteForce(before, silhouette)) {
          const clash = inkedPixels(mark, atX, atY).some(([px, py]) => tooNear(px, py));
          expect(after.isLegal(silhouette, atX, atY)).toBe(!clash);
          expect(before.isLegal(silhouette, atX, atY)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('centres its grid on the allowed area', () => {
    const mask = emptyMask(200, 120);
    for (let row = 0; row < 120; row++) mask.data.fill(1, row * 200 + 161, (row + 1) * 200);
    const block = silhouetteOf({ width: 21, height: 20, data: new Uint8Array(420).fill(1) });
    expect(pairs(LegalityMap.fromZone({ mask }).legalPositions(block, 50))).toEqual([
      [20, 0],
      [70, 0],
      [120, 0],
      [20, 50],
      [70, 50],
      [120, 50],
      [20, 100],
      [70, 100],
      [120, 100],
    ]);
  });

  it('reports no limit without a zone and no place on a full one', () => {
    const dot = silhouetteOf({ width: 1, height: 1, data: [1] });
    const open = LegalityMap.fromZone({ mask: emptyMask(5, 4) });
    expect(open.clearance(dot, 2, 2)).toBe(Infinity);
    expect(open.legalPositions(dot, 1).length).toBe(40);
    const full = LegalityMap.fromZone({ mask: { width: 5, height: 4, data: new Uint8Array(20).fill(1) } });
    expect(full.clearance(dot, 2, 2)).toBe(0);
    expect(full.legalPositions(dot, 1).length).toBe(0);
  });

  it('finds a mark without ink nowhere legal', () => {
    const blank = silhouetteOf({ width: 2, height: 2, data: [0, 0, 0, 0] });
    expect(LegalityMap.fromZone({ mask: emptyMask(9, 9) }).legalPositions(blank, 1).length).toBe(0);
  });

  it('refuses fractional positions, strides and margins that are no lengths, and a mask of another size', () => {
    const map = LegalityMap.fromZone({ mask: emptyMask(9, 9) });
    const dot = silhouetteOf({ width: 1, height: 1, data: [1] });
    expect(() => map.isLegal(dot, 0.5, 0)).toThrow(RangeError);
    expect(() => map.legalPositions(dot, 0)).toThrow(RangeError);
    expect(() => map.with(dot, 0, 0, NaN)).toThrow(RangeError);
    expect(() => LegalityMap.fromZone({ mask: { width: 3, height: 3, data: new Uint8Array(8) } })).toThrow(
      RangeError,
    );
  });

  it('handles images wider than 65535 pixels', () => {
    const mask = emptyMask(70_000, 2);
    mask.data[69_990] = 1;
    const map = LegalityMap.fromZone({ mask });
    const bar = silhouetteOf({ width: 10, height: 1, data: new Uint8Array(10).fill(1) });
    expect(map.isLegal(bar, 69_980, 0)).toBe(true);
    expect(map.isLegal(bar, 69_981, 0)).toBe(false);
    expect(map.clearance(bar, 0, 0)).toBe(69_981);
  });
});

function plane(width: number, height: number, density: number): fc.Arbitrary<BinaryMask> {
  return fc
    .array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: width * height,
      maxLength: width * height,
    })
    .map((values) => ({
      width,
      height,
      data: Uint8Array.from(values, (value) => (value < density ? 1 : 0)),
    }));
}

function emptyMask(width: number, height: number): BinaryMask {
  return { width, height, data: new Uint8Array(width * height) };
}

function at(mask: BinaryMask, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x < mask.width && y < mask.height && mask.data[y * mask.width + x] === 1;
}

function inkedPixels(mark: BinaryMask, x: number, y: number): [number, number][] {
  const pixels: [number, number][] = [];
  mark.data.forEach((value, index) => {
    if (value) pixels.push([x + (index % mark.width), y + Math.floor(index / mark.width)]);
  });
  return pixels;
}

function nearest(mask: BinaryMask, inked: readonly [number, number][]): number {
  let best = Infinity;
  for (const [x, y] of inked) {
    for (const [fx, fy] of inkedPixels(mask, 0, 0)) best = Math.min(best, (x - fx) ** 2 + (y - fy) ** 2);
  }
  return Math.sqrt(best);
}

function pairs(positions: Int32Array): [number, number][] {
  return Array.from({ length: positions.length / 2 }, (_, index) => [
    positions[2 * index],
    positions[2 * index + 1],
  ]);
}

function bruteForce(map: LegalityMap, silhouette: Silhouette): [number, number][] {
  const positions: [number, number][] = [];
  for (let y = 0; y <= map.height; y++) {
    for (let x = 0; x <= map.width; x++) if (map.isLegal(silhouette, x, y)) positions.push([x, y]);
  }
  return positions;
}
