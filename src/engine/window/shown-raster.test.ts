import { expect, it } from 'vitest';
import type { Raster8 } from '../../ml/imaging/raster.ts';
import { blend } from '../../ml/watermark/blend.ts';
import { reducedMask, reducedRaster } from './shown-raster.ts';

const grey = (side: number): Raster8 => ({
  width: side,
  height: side,
  channels: 3,
  bitDepth: 8,
  data: new Uint8Array(side * side * 3).fill(100),
});

it('gives a reduced image that marks can be blended into a copy of, again and again', async () => {
  const small = await reducedRaster(grey(64), 32);
  expect([small.width, small.height]).toEqual([32, 32]);
  const stamp = {
    width: 8,
    height: 8,
    opacity: new Uint8Array(64).fill(128),
    ink: new Uint8Array(192).fill(255),
  };
  const first = blend(small, [{ x: 4, y: 4, stamp }]);
  const second = blend(small, [{ x: 4, y: 4, stamp }]);
  expect(new Set(small.data)).toEqual(new Set([100]));
  expect(second.data).toEqual(first.data);
});

it('keeps every forbidden pixel in a smaller mask', () => {
  const mask = { width: 8, height: 8, data: new Uint8Array(64) };
  mask.data[27] = 1;
  expect([...reducedMask(mask, { width: 2, height: 2 }).data]).toEqual([1, 0, 0, 0]);
});
