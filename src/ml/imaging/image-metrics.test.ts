import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { psnr, ssim } from './image-metrics.ts';
import type { Raster } from './raster.ts';
import { copyRaster } from './raster.ts';

interface OracleCase {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly bits: 8 | 16;
  readonly psnr: number;
  readonly gaussian: number;
  readonly uniform: number;
}

const { metrics } = JSON.parse(
  readFileSync(new URL('../../../test/oracles/imaging.json', import.meta.url), 'utf8'),
) as { metrics: readonly OracleCase[] };

/** The two closed forms of test/oracles/imaging.py, optionally with an alpha channel of noise. */
function pair({ width, height, channels, bits }: OracleCase, alpha = false): [Raster, Raster] {
  const top = 2 ** bits - 1;
  const scale = Math.floor(top / 255);
  const stored = channels + (alpha ? 1 : 0);
  const first: number[] = [];
  const second: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        const value = ((x * 7 + y * 13 + c * 29 + ((x * y) % 11) * 5) % 256) * scale;
        const delta = x < Math.floor(width / 3) ? 0 : (((x * 3 + y * 5 + c) % 17) - 8) * scale * 2;
        first.push(value);
        second.push(Math.min(top, Math.max(0, value + delta)));
      }
      if (alpha) {
        first.push((x * 31) % 256);
        second.push((y * 17) % 256);
      }
    }
  }
  const make = (values: number[]): Raster => {
    const shape = { width, height, channels: stored as Raster['channels'] };
    return bits === 8
      ? { ...shape, bitDepth: 8, data: Uint8Array.from(values) }
      : { ...shape, bitDepth: 16, data: Uint16Array.from(values) };
  };
  return [make(first), make(second)];
}

describe('psnr and ssim', () => {
  it.each(metrics)('agree with scikit-image: $width x $height x $channels, $bits bits', (expected) => {
    const [a, b] = pair(expected);
    expect(psnr(a, b)).toBeCloseTo(expected.psnr, 8);
    // scikit-image filters 8- and 16-bit input in 64 bits; the sums only differ in order.
    expect(ssim(a, b)).toBeCloseTo(expected.gaussian, 8);
    expect(ssim(a, b, 'uniform')).toBeCloseTo(expected.uniform, 8);
  });

  it('are Infinity and 1 for equal pictures', () => {
    const [a] = pair(metrics[1]);
    expect(psnr(a, copyRaster(a))).toBe(Infinity);
    expect(ssim(a, copyRaster(a))).toBe(1);
  });

  it('leave alpha out', () => {
    const [a, b] = pair(metrics[1]);
    const [withAlpha, other] = pair(metrics[1], true);
    expect(psnr(withAlpha, other)).toBeCloseTo(psnr(a, b), 10);
    expect(ssim(withAlpha, other)).toBeCloseTo(ssim(a, b), 10);
  });

  it('are symmetric', () => {
    const [a, b] = pair(metrics[0]);
    expect(psnr(a, b)).toBe(psnr(b, a));
    expect(ssim(a, b)).toBeCloseTo(ssim(b, a), 12);
  });

  it('refuse pictures of different shape and those smaller than a window', () => {
    const [a] = pair(metrics[0]);
    const [b] = pair(metrics[1]);
    expect(() => psnr(a, b)).toThrow(/different shapes/);
    const tiny: Raster = { width: 8, height: 8, channels: 1, bitDepth: 8, data: new Uint8Array(64) };
    expect(() => ssim(tiny, copyRaster(tiny))).toThrow(/at least 11/);
    expect(ssim(tiny, copyRaster(tiny), 'uniform')).toBe(1);
  });
});
