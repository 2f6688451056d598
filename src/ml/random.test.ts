import { describe, expect, it } from 'vitest';
import { createRandom, deriveSeed } from './random.ts';

const draw = (seed: number, n: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: n }, () => random.next());
};

describe('createRandom', () => {
  it('repeats its sequence for a seed and differs between neighbouring seeds', () => {
    expect(draw(7, 50)).toEqual(draw(7, 50));
    expect(draw(7, 5)).not.toEqual(draw(8, 5));
    expect(draw(7, 5)).not.toEqual(draw(7 + 2 ** 32, 5));
  });

  it('stays within [0, 1) and has the mean and variance of a uniform', () => {
    const values = draw(1, 100_000);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    expect(Math.min(...values.slice(0, 5000))).toBeGreaterThanOrEqual(0);
    expect(values.every((v) => v < 1)).toBe(true);
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  it('draws normals with mean 0, variance 1 and kurtosis 3', () => {
    const random = createRandom(2);
    const values = Array.from({ length: 100_000 }, () => random.normal());
    const moment = (k: number): number => values.reduce((sum, v) => sum + v ** k, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  });

  it('draws every integer below n about equally often and nothing else', () => {
    const random = createRandom(3);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) {
      const value = random.integer(7);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    expect(counts).toHaveLength(7);
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    expect(() => random.integer(0)).toThrow(RangeError);
    expect(() => random.integer(2.5)).toThrow(RangeError);
  });

  it('shuffles to a permutation and leaves its argument alone', () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const shuffled = createRandom(4).shuffle(items);
    expect(items[0]).toBe(0);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  });

  it('refuses seeds that are not integers', () => {
    expect(() => createRandom(Number.NaN)).toThrow(RangeError);
    expect(() => createRandom(-1)).toThrow(RangeError);
  });
});

describe('deriveSeed', () => {
  it('depends on every label, its type and where labels end', () => {
    const seeds = [
      deriveSeed(1),
      deriveSeed(2),
      deriveSeed(1, 'a'),
      deriveSeed(1, 'a', 'b'),
      deriveSeed(1, 'ab'),
      deriveSeed(1, 'b', 'a'),
      deriveSeed(1, 1),
      deriveSeed(1, '1'),
    ];
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(seeds.every((s) => Number.isInteger(s) && s >= 0 && s < 2 ** 32)).toBe(true);
  });

  it('rarely collides over many labels', () => {
    const seeds = new Set(Array.from({ length: 20_000 }, (_, i) => deriveSeed(5, 'image', i)));
    expect(seeds.size).toBeGreaterThan(19_990);
  });
});
