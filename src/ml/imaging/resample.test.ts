import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import type { FloatImage } from './plane.ts';
import { composePlans, planResample, resample, resampleAdjoint } from './resample.ts';
import type { ResampleKernel } from './resample.ts';

interface OracleCase {
  readonly in: readonly [number, number];
  readonly out: readonly [number, number];
  readonly box: readonly [number, number, number, number] | null;
  readonly kernel: ResampleKernel;
  readonly values: readonly number[];
}

const oracle = JSON.parse(
  readFileSync(new URL('../../../test/oracles/imaging.json', import.meta.url), 'utf8'),
) as { versions: Record<string, string>; resampled: readonly OracleCase[] };

const kernels = ['bilinear', 'bicubic', 'area'] as const;

/** The closed form of test/oracles/imaging.py. */
function patterned(width: number, height: number, channels = 1): FloatImage {
  const data = new Float32Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        data[(y * width + x) * channels + c] = (x * 7 + y * 13 + c * 29 + ((x * y) % 11) * 5) % 256;
      }
    }
  }
  return { width, height, channels, data };
}

function noise(width: number, height: number, channels: number, seed: number): FloatImage {
  const random = createRandom(seed);
  return {
    width,
    height,
    channels,
    data: Float32Array.from({ length: width * height * channels }, () => random.normal()),
  };
}

describe('resample', () => {
  it.each(oracle.resampled)(
    "agrees with Pillow's mode F: $in -> $out, $kernel, box $box",
    ({ in: from, out, box, kernel, values }) => {
      const source =
        box === null ? undefined : { x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1] };
      const result = resample(
        planResample(from[0], from[1], out[0], out[1], kernel, source),
        patterned(from[0], from[1]),
      );
      expect(result.data).toHaveLength(values.length);
      values.forEach((value, i) => expect(Math.abs(result.data[i] - value)).toBeLessThan(2e-3));
    },
  );

  it('treats interleaved channels as images of their own', () => {
    const image = patterned(11, 9, 3);
    const plan = planResample(11, 9, 6, 13, 'bicubic');
    const all = resample(plan, image);
    for (let c = 0; c < 3; c++) {
      const one = { width: 11, height: 9, channels: 1, data: image.data.filter((_, i) => i % 3 === c) };
      expect(all.data.filter((_, i) => i % 3 === c)).toEqual(resample(plan, one).data);
    }
  });

  it('keeps an image of the target size and a constant image as they are', () => {
    const image = patterned(9, 7);
    const constant = { width: 9, height: 7, channels: 1, data: new Float32Array(63).fill(0.25) };
    for (const kernel of kernels) {
      expect(resample(planResample(9, 7, 9, 7, kernel), image).data).toEqual(image.data);
      const reduced = resample(planResample(9, 7, 4, 3, kernel), constant);
      reduced.data.forEach((value) => expect(value).toBeCloseTo(0.25, 6));
    }
  });

  it('resizes a cut-out like an image that was cut before', () => {
    const image = patterned(20, 15, 3);
    const box = { x: 3, y: 2, width: 12, height: 10 };
    const rows = Array.from({ length: 10 }, (_, y) =>
      image.data.slice(((y + 2) * 20 + 3) * 3, ((y + 2) * 20 + 15) * 3),
    );
    const cut: FloatImage = {
      width: 12,
      height: 10,
      channels: 3,
      data: Float32Array.from(rows.flatMap((row) => [...row])),
    };
    for (const kernel of kernels) {
      const expected = resample(planResample(12, 10, 5, 6, kernel), cut).data;
      const actual = resample(planResample(20, 15, 5, 6, kernel, box, true), image).data;
      expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 3));
    }
  });

  it('refuses sizes and boxes that make no sense', () => {
    expect(() => planResample(0, 5, 5, 5, 'area')).toThrow(RangeError);
    expect(() => planResample(5, 5, 2.5, 5, 'area')).toThrow(RangeError);
    expect(() => planResample(5, 5, 3, 3, 'area', { x: 3, y: 0, width: 3, height: 5 })).toThrow(/box/);
    expect(() => resample(planResample(5, 5, 3, 3, 'area'), patterned(5, 6))).toThrow(/5 x 6/);
  });
});

describe('resampleAdjoint', () => {
  const size = fc.integer({ min: 1, max: 24 });

  it('is the transposed map: <A x, y> = <x, A^T y>', () => {
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        fc.constantFrom(...kernels),
        fc.constantFrom(1, 3),
        fc.nat(1e6),
        (w, h, ow, oh, kernel, channels, seed) => {
          const plan = planResample(w, h, ow, oh, kernel);
          const x = noise(w, h, channels, seed);
          const y = noise(ow, oh, channels, seed + 1);
          const left = dot(resample(plan, x).data, y.data);
          const right = dot(x.data, resampleAdjoint(plan, y).data);
          expect(Math.abs(left - right)).toBeLessThan(1e-4 * (1 + Math.sqrt(w * h * ow * oh)));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('reaches only the pixels of a cut-out', () => {
    const plan = planResample(10, 10, 4, 4, 'bicubic', { x: 2, y: 3, width: 5, height: 4 }, true);
    const { data } = resampleAdjoint(plan, noise(4, 4, 1, 1));
    data.forEach((value, i) => {
      const inside = i % 10 >= 2 && i % 10 < 7 && i >= 30 && i < 70;
      expect(value !== 0).toBe(inside);
    });
  });
});

describe('composePlans', () => {
  it('does what the two plans do one after the other', () => {
    const image = patterned(23, 17, 3);
    const first = planResample(23, 17, 12, 14, 'bicubic');
    const second = planResample(12, 14, 7, 5, 'bilinear');
    const expected = resample(second, resample(first, image)).data;
    resample(composePlans(first, second), image).data.forEach((value, i) =>
      expect(value).toBeCloseTo(expected[i], 3),
    );
    expect(() => composePlans(second, first)).toThrow(RangeError);
  });
});

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
