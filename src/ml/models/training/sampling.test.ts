import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { epochOrder } from './sampling.ts';
import { cosineSchedule, learningRateAt } from './schedule.ts';

describe('epochOrder', () => {
  it('visits every image once when the natural mix is kept', () => {
    const labels = [0, 0, 0, 1, 2, 2];
    expect(epochOrder(labels, 3, 0, createRandom(1)).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('visits classes equally often at full balance, each image once before any again', () => {
    const labels = [...Array<number>(90).fill(0), ...Array<number>(20).fill(1), ...Array<number>(10).fill(2)];
    const order = epochOrder(labels, 4, 1, createRandom(2));
    const visits = labels.map((_, index) => order.filter((i) => i === index).length);
    expect([0, 1, 2].map((c) => order.filter((i) => labels[i] === c).length)).toEqual([40, 40, 40]);
    expect(Math.max(...visits.slice(0, 90))).toBe(1);
    expect(new Set(visits.slice(90, 110))).toEqual(new Set([2]));
    expect(new Set(visits.slice(110))).toEqual(new Set([4]));
  });

  it('has as many visits as images for any mix, balance and seed, and repeats itself for a seed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(1000),
        (labels, balance, seed) => {
          const order = epochOrder(labels, 5, balance, createRandom(seed));
          expect(order).toHaveLength(labels.length);
          expect(epochOrder(labels, 5, balance, createRandom(seed))).toEqual(order);
        },
      ),
    );
  });
});

describe('cosineSchedule', () => {
  it('warms up linearly, peaks, is at half in the middle of the descent and ends at the floor', () => {
    const at = (step: number): number =>
      cosineSchedule(step, { steps: 110, warmup: 10, peak: 2, floor: 0.1 });
    expect(at(0)).toBeCloseTo(0.2, 12);
    expect(at(9)).toBeCloseTo(2, 12);
    expect(at(10)).toBeCloseTo(2, 12);
    expect(at(60)).toBeCloseTo(1.1, 12);
    expect(at(110)).toBeCloseTo(0.2, 12);
    expect(at(500)).toBeCloseTo(0.2, 12);
  });
});

describe('learningRateAt', () => {
  it('warms up, then falls by the factor at each of the given fractions', () => {
    const schedule = { kind: 'step', at: [0.5, 0.75], factor: 0.1 } as const;
    const at = (step: number): number => learningRateAt(schedule, step, { steps: 100, warmup: 10, peak: 1 });
    expect([4, 9, 49, 50, 74, 75, 99].map(at)).toEqual(
      [0.5, 1, 1, 0.1, 0.1, 0.01, 0.01].map((rate) => expect.closeTo(rate, 12) as number),
    );
  });
});
