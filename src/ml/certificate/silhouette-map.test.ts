import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSilhouette, encodeSilhouette, silhouetteMap } from './silhouette-map.ts';

const stamp = (width: number, height: number, opacity: number[]) => ({
  width,
  height,
  opacity: Uint8Array.from(opacity),
  ink: new Uint8Array(width * height * 3),
});

describe('silhouetteMap', () => {
  it('is the union of the stamps, in runs over the pixel index', () => {
    const cross = stamp(3, 3, [0, 9, 0, 9, 9, 9, 0, 9, 0]);
    const { runs, pixels } = silhouetteMap(6, 4, [
      { x: 0, y: 0, stamp: cross },
      { x: 1, y: 0, stamp: cross },
    ]);
    expect([...runs]).toEqual([1, 2, 6, 4, 13, 2]);
    expect(pixels).toBe(8);
  });

  it('lets a run go on into the next row', () => {
    const bar = stamp(2, 1, [1, 1]);
    const { runs } = silhouetteMap(4, 2, [
      { x: 2, y: 0, stamp: bar },
      { x: 0, y: 1, stamp: bar },
    ]);
    expect([...runs]).toEqual([2, 4]);
  });

  it('refuses a stamp that leaves the image', () => {
    expect(() => silhouetteMap(4, 2, [{ x: 3, y: 0, stamp: stamp(2, 1, [1, 1]) }])).toThrow(RangeError);
    expect(() => silhouetteMap(4, 2, [{ x: -1, y: 0, stamp: stamp(2, 1, [1, 1]) }])).toThrow(RangeError);
  });
});

describe('encodeSilhouette', () => {
  it('comes back from its bytes', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 1, max: 300 })));
    fc.assert(
      fc.property(steps, fc.boolean(), (pairs, fromFirst) => {
        let end = fromFirst ? -1 : 0;
        const runs = pairs.flatMap(([skip, run]) => {
          const start = Math.max(0, end + skip - (end < 0 ? skip - 1 : 0));
          end = start + run;
          return [start, run];
        });
        const map = { runs: Uint32Array.from(runs), pixels: pairs.reduce((sum, [, run]) => sum + run, 0) };
        expect(decodeSilhouette(encodeSilhouette(map), Math.max(end, 0))).toEqual(map);
        if (pairs.length > 0) expect(decodeSilhouette(encodeSilhouette(map), end - 1)).toBeNull();
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('writes LEB128 numbers, lowest seven bits first', () => {
    const bytes = encodeSilhouette({ runs: Uint32Array.of(300, 128, 429, 1), pixels: 129 });
    expect(bytes.toString('hex')).toBe('ac0280010101');
  });

  it.each([
    ['an empty run', '0500'],
    ['touching runs', '05010001'],
    ['a number not in its shortest form', '850001'],
    ['a cut number', '0580'],
    ['a missing run', '05'],
    ['a number of six bytes', '8080808080010101'],
    ['a run past the last pixel', '6302'],
  ])('does not decode %s', (_name, hex) => {
    expect(decodeSilhouette(Buffer.from(hex, 'hex'), 100)).toBeNull();
  });
});
