import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  clopperPearsonInterval,
  pairedBootstrap,
  quantileOfSorted,
  rate,
  wilsonInterval,
} from './statistics.ts';

interface Oracle {
  readonly intervals: readonly {
    k: number;
    n: number;
    wilson: [number, number];
    clopperPearson: [number, number];
  }[];
  readonly paired: readonly {
    first: number[];
    second: number[];
    difference: number;
    low: number;
    high: number;
  }[];
}

const oracle = JSON.parse(
  readFileSync(new URL('../../../test/oracles/evaluation.json', import.meta.url), 'utf8'),
) as Oracle;

describe('intervals of a rate', () => {
  for (const { k, n, wilson, clopperPearson } of oracle.intervals)
    it(`equal statsmodels for ${k} of ${n}`, () => {
      const ours = wilsonInterval(k, n);
      expect(ours.low).toBeCloseTo(wilson[0], 12);
      expect(ours.high).toBeCloseTo(wilson[1], 12);
      const exact = clopperPearsonInterval(k, n);
      expect(exact.low).toBeCloseTo(clopperPearson[0], 10);
      expect(exact.high).toBeCloseTo(clopperPearson[1], 10);
    });

  it('reproduce the brackets of the published feasibility table', () => {
    const brackets = ([k, n]: readonly [number, number]): number[] => {
      const { low, high } = wilsonInterval(k, n);
      return [Math.round(low * 100), Math.round(high * 100)];
    };
    expect(brackets([6, 60])).toEqual([5, 20]);
    expect(brackets([9, 60])).toEqual([8, 26]);
    expect(brackets([51, 84])).toEqual([50, 70]);
  });

  it('say nothing where nothing was counted', () => {
    expect(rate(0, 0)).toEqual({ k: 0, n: 0, rate: null, low: 0, high: 1 });
    expect(clopperPearsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('refuse counts that cannot be', () => {
    expect(() => wilsonInterval(3, 2)).toThrow(RangeError);
    expect(() => wilsonInterval(-1, 2)).toThrow(RangeError);
    expect(() => clopperPearsonInterval(0.5, 2)).toThrow(RangeError);
    expect(() => clopperPearsonInterval(1, 2, 0)).toThrow(RangeError);
  });
});

describe('pairedBootstrap', () => {
  for (const [index, { first, second, difference, low, high }] of oracle.paired.entries())
    it(`comes within 2 points of scipy's paired interval, case ${index + 1}`, () => {
      const units = first.map((value, i) => ({ first: value, second: second[i], trials: 1 }));
      const ours = pairedBootstrap(units, { resamples: 20_000 });
      expect(ours?.difference).toBeCloseTo(difference, 12);
      expect(Math.abs((ours?.low ?? NaN) - low)).toBeLessThan(0.02);
      expect(Math.abs((ours?.high ?? NaN) - high)).toBeLessThan(0.02);
    });

  it('gives the same interval for the same seed and another for another', () => {
    const units = Array.from({ length: 40 }, (_, i) => ({
      first: i % 2,
      second: Number(i % 3 === 0),
      trials: 1,
    }));
    expect(pairedBootstrap(units)).toEqual(pairedBootstrap(units));
    const seeds = [1, 2, 3, 4, 5].map((seed) => pairedBootstrap(units, { seed, resamples: 51 })?.low);
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  it('keeps the answers about one image together: two equal graders do not narrow the interval', () => {
    const one = Array.from({ length: 60 }, (_, i) => ({
      first: Number(i % 3 > 0),
      second: Number(i % 5 === 0),
      trials: 1,
    }));
    const two = one.map(({ first, second }) => ({ first: 2 * first, second: 2 * second, trials: 2 }));
    expect(pairedBootstrap(two)).toEqual(pairedBootstrap(one));
  });

  it('is null where no unit was tried', () => {
    expect(pairedBootstrap([])).toBeNull();
    expect(pairedBootstrap([{ first: 0, second: 0, trials: 0 }])).toBeNull();
  });
});

describe('quantileOfSorted', () => {
  it('interpolates like numpy', () => {
    expect(quantileOfSorted([1, 2, 4, 8], 0.5)).toBe(3);
    expect(quantileOfSorted([1, 2, 4, 8], 0.9)).toBeCloseTo(6.8, 12);
    expect(quantileOfSorted([], 0.5)).toBeNaN();
  });
});
