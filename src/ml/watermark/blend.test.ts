import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Raster } from '../imaging/raster.ts';
import { blend } from './blend.ts';
import type { Stamp } from './stamp.ts';

const onePixel = (opacity: number, ink: readonly [number, number, number]): Stamp => ({
  width: 1,
  height: 1,
  opacity: Uint8Array.of(opacity),
  ink: Uint8Array.from(ink),
});

function rgb(samples: readonly number[]): Raster {
  return { width: samples.length / 3, height: 1, channels: 3, bitDepth: 8, data: Uint8Array.from(samples) };
}

describe('blend', () => {
  it('follows floor(((255 - A) x + A L + 127) / 255) in exact integers for every host sample and opacity', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 0, max: 255 }),
        (x, a, ink) => {
          const { data } = blend(rgb([x, x, x]), [{ x: 0, y: 0, stamp: onePixel(a, [ink, ink, ink]) }]);
          const expected = Number((BigInt(255 - a) * BigInt(x) + BigInt(a) * BigInt(ink) + 127n) / 255n);
          expect([...data]).toEqual([expected, expected, expected]);
        },
      ),
    );
  });

  it('replaces the host where the ink is opaque and keeps it where there is none', () => {
    const { data } = blend(rgb([1, 2, 3, 4, 5, 6]), [{ x: 0, y: 0, stamp: onePixel(255, [200, 100, 50]) }]);
    expect([...data]).toEqual([200, 100, 50, 4, 5, 6]);
    expect([...blend(rgb([1, 2, 3]), [{ x: 0, y: 0, stamp: onePixel(0, [255, 255, 255]) }]).data]).toEqual([
      1, 2, 3,
    ]);
  });

  it('scales the ink to the 16-bit range, white staying white', () => {
    const host: Raster = {
      width: 1,
      height: 1,
      channels: 3,
      bitDepth: 16,
      data: Uint16Array.of(0, 30000, 65535),
    };
    const { data } = blend(host, [{ x: 0, y: 0, stamp: onePixel(255, [255, 128, 0]) }]);
    expect([...data]).toEqual([65535, 128 * 257, 0]);
  });

  it('blends the luma of the ink into grey hosts and leaves alpha alone', () => {
    const host: Raster = { width: 1, height: 1, channels: 2, bitDepth: 8, data: Uint8Array.of(10, 77) };
    const { data } = blend(host, [{ x: 0, y: 0, stamp: onePixel(255, [255, 0, 0]) }]);
    expect([...data]).toEqual([76, 77]);
  });

  it('does not touch the host it is given', () => {
    const host = rgb([1, 2, 3]);
    blend(host, [{ x: 0, y: 0, stamp: onePixel(255, [9, 9, 9]) }]);
    expect([...host.data]).toEqual([1, 2, 3]);
  });

  it('refuses a stamp that leaves the image', () => {
    expect(() => blend(rgb([1, 2, 3]), [{ x: 1, y: 0, stamp: onePixel(1, [0, 0, 0]) }])).toThrow(
      /leaves the 1x1 image/,
    );
  });
});
