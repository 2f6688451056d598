import { describe, expect, it } from 'vitest';
import { remainingTime } from './eta.ts';

describe('remainingTime', () => {
  it('knows nothing before the first image', () => {
    expect(remainingTime().estimate(5, 0)).toBeNull();
    expect(remainingTime().estimate(0, 0)).toBe(0);
  });

  it('takes the median, so that one slow image changes little', () => {
    const time = remainingTime();
    for (const seconds of [2, 2, 60, 2, 2]) time.add(seconds);
    expect(time.estimate(10, 0)).toBe(20);
  });

  it('follows a lasting change', () => {
    const time = remainingTime();
    for (let index = 0; index < 30; index++) time.add(1);
    for (let index = 0; index < 15; index++) time.add(4);
    expect(time.estimate(2, 0)).toBe(8);
  });

  it('counts what the current image has run, but not beyond its share', () => {
    const time = remainingTime();
    time.add(4);
    expect(time.estimate(3, 1)).toBe(11);
    expect(time.estimate(3, 99)).toBe(8);
  });

  it('passes over impossible durations', () => {
    const time = remainingTime();
    time.add(Number.NaN);
    time.add(-1);
    expect(time.estimate(3, 0)).toBeNull();
  });
});
