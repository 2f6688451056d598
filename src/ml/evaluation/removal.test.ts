import { describe, expect, it } from 'vitest';
import type { Raster8 } from '../imaging/raster.ts';
import { blend } from '../watermark/blend.ts';
import type { PlacedStamp, Stamp } from '../watermark/stamp.ts';
import { inkMask, removalPipeline } from './removal.ts';

const size = 64;

/** A smooth picture: what inpainting can put back. */
const host: Raster8 = {
  width: size,
  height: size,
  channels: 3,
  bitDepth: 8,
  data: Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const place = Math.floor(i / 3);
    return 80 + (place % size) + 40 * (i % 3 === 0 ? 1 : 0);
  }),
};

/** A white bar across a box of 16 x 10, transparent elsewhere. */
const bar: Stamp = {
  width: 16,
  height: 10,
  opacity: Uint8Array.from({ length: 160 }, (_, i) =>
    Math.floor(i / 16) >= 3 && Math.floor(i / 16) < 6 ? 180 : 0,
  ),
  ink: new Uint8Array(480).fill(255),
};
const stamps: readonly PlacedStamp[] = [
  { x: 10, y: 12, stamp: bar },
  { x: 30, y: 40, stamp: bar },
];

describe('inkMask', () => {
  it('holds the inked pixels only', () => {
    const mask = inkMask(host, stamps);
    expect(mask.data.reduce((sum, v) => sum + v, 0)).toBe(2 * 16 * 3);
    expect(mask.data[15 * size + 10]).toBe(1);
    expect(mask.data[14 * size + 10]).toBe(0);
  });

  it('is exactly where a blend changes the image', () => {
    const marked = blend(host, stamps);
    const mask = inkMask(host, stamps);
    mask.data.forEach((set, place) => {
      const changed = [0, 1, 2].some((c) => marked.data[3 * place + c] !== host.data[3 * place + c]);
      expect(changed).toBe(set === 1);
    });
  });
});

describe('removalPipeline', () => {
  const target = { width: 32, height: 32 };
  const marked = blend(host, stamps);
  const distance = (a: Float32Array, b: Float32Array): number =>
    a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);

  for (const at of ['native', 'grader'] as const)
    it(`takes marks off a smooth image at ${at} scale, down to a few levels`, async () => {
      const removal = removalPipeline(inkMask(host, stamps), { at });
      const nothing = removalPipeline(inkMask(host, []), { at });
      const clean = await nothing.apply(host, target);
      const before = distance((await nothing.apply(marked, target)).data, clean.data);
      const after = distance((await removal.apply(marked, target)).data, clean.data);
      expect(before).toBeGreaterThan(0.2);
      expect(after).toBeLessThan(0.04);
    });

  it('costs something on the unmarked image too, which is what its clean answer shows', async () => {
    const rough: Raster8 = {
      ...host,
      data: host.data.map((v, i) => (v + 90 * (Math.floor(i / 3) % 2)) & 255),
    };
    const clean = await removalPipeline(inkMask(host, [])).apply(rough, target);
    const removed = await removalPipeline(inkMask(host, stamps)).apply(rough, target);
    expect(distance(removed.data, clean.data)).toBeGreaterThan(0.05);
  });

  for (const at of ['native', 'grader'] as const)
    it(`fills the ink and so many pixels around it, nothing farther, at ${at} scale`, async () => {
      const rough: Raster8 = { ...host, data: host.data.map((v, i) => v ^ (32 * (Math.floor(i / 3) % 2))) };
      const same = { width: size, height: size };
      const clean = (await removalPipeline(inkMask(host, []), { at }).apply(rough, same)).data;
      const removed = (await removalPipeline(inkMask(host, stamps), { at, grow: 2 }).apply(rough, same)).data;
      const changed = (row: number): boolean =>
        [12, 15, 18, 21].some(
          (column) => removed[3 * (row * size + column)] !== clean[3 * (row * size + column)],
        );
      // The first bar covers rows 15 to 17.
      expect([11, 12, 13, 14, 15, 17, 18, 19, 20, 21].map(changed)).toEqual([
        false,
        false,
        true,
        true,
        true,
        true,
        true,
        true,
        false,
        false,
      ]);
    });

  it('names its scale, growth and radius', () => {
    expect(removalPipeline(inkMask(host, stamps), { grow: 1, radius: 5, at: 'grader' }).id).toBe(
      'inpaint-grader:1:5',
    );
  });
});
