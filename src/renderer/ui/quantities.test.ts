import { expect, it } from 'vitest';
import { formatBytes, formatWait } from './quantities.ts';

it('shows sizes in the largest fitting unit', () => {
  expect(formatBytes(0)).toBe('0 byte');
  expect(formatBytes(999)).toBe('999 byte');
  expect(formatBytes(4_100_000)).toBe('4.1 MB');
  expect(formatBytes(56_400_000_000)).toBe('56 GB');
});

it('shows waits so coarsely that they do not flicker', () => {
  expect(formatWait(0.2)).toBe('1 sec');
  expect(formatWait(31)).toBe(formatWait(29));
  expect(formatWait(58)).toBe('1 min');
  expect(formatWait(59 * 60 + 50)).toBe('1 hr 0 min');
  expect(formatWait(2 * 3600 + 22 * 60)).toBe('2 hr 20 min');
  expect(formatWait(2 * 3600 + 58 * 60)).toBe('3 hr 0 min');
  expect(formatWait(50 * 3600)).toBe('2 days 2 hr');
});
