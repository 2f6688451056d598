import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { quantise } from './quantise.ts';

const restored = ({ codes, scale, min }: ReturnType<typeof quantise>): number[] =>
  Array.from(codes, (code) => code * scale + min);

describe('quantise', () => {
  it('is wrong by half a step at most and keeps to its number of levels', () => {
    const random = createRandom(4);
    const values = Float32Array.from({ length: 4000 }, () => random.normal() * 0.3 + 0.1);
    for (const levels of [3, 64, 256]) {
      const result = quantise(values, levels);
      const worst = Math.max(...restored(result).map((value, i) => Math.abs(value - values[i])));
      expect(worst).toBeLessThanOrEqual(result.scale / 2 + 1e-6);
      expect(Math.max(...result.codes)).toBeLessThan(levels);
    }
  });

  it('keeps zero exactly', () => {
    const values = restored(quantise(Float32Array.of(-0.37, 0, 0.91), 64));
    expect(Math.abs(values[1])).toBeLessThan(1e-12);
  });

  it('keeps a constant, and two values with two levels', () => {
    expect(restored(quantise(Float32Array.of(0.25, 0.25), 256))).toEqual([0.25, 0.25]);
    expect(restored(quantise(Float32Array.of(1, 3, 1), 2))).toEqual([1, 3, 1]);
  });

  it('refuses what is not finite and impossible numbers of levels', () => {
    expect(() => quantise(Float32Array.of(1, Number.NaN), 64)).toThrow('finite');
    expect(() => quantise(Float32Array.of(Infinity, 1), 64)).toThrow('finite');
    expect(() => quantise(Float32Array.of(1), 257)).toThrow('levels');
  });
});
