import { describe, expect, it } from 'vitest';
import { pairedRatio, summarize } from './measure.ts';

describe('summarize', () => {
  it('takes the middle value of an odd number and the mean of the two middle ones of an even number', () => {
    expect(summarize([9, 1, 4])).toEqual({ n: 3, median: 4, min: 1, max: 9 });
    expect(summarize([9, 1, 4, 5])).toEqual({ n: 4, median: 4.5, min: 1, max: 9 });
  });

  it('sorts as numbers, not as text', () => {
    expect(summarize([10, 9, 100]).median).toBe(10);
  });

  it('refuses an empty list', () => {
    expect(() => summarize([])).toThrow('nothing was measured');
  });
});

describe('pairedRatio', () => {
  it('runs both once to warm up and then equally often, taking turns in who goes first', async () => {
    const order: string[] = [];
    const result = await pairedRatio(
      () => order.push('a'),
      () => order.push('b'),
      { rounds: 4 },
    );
    expect(order.join('')).toBe('ab' + 'ab' + 'ba' + 'ab' + 'ba');
    expect(result.ratio.n).toBe(4);
  });
});
