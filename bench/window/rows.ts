import type { BenchRow } from '../harness.ts';
import { summarize } from '../measure.ts';

/** A row of the median of measurements, with or without a target. */
export function rowOf(
  what: string,
  values: readonly number[],
  unit: string,
  atMost?: number,
  details?: Readonly<Record<string, string | number>>,
): BenchRow {
  const { n, median, min, max } = summarize(values);
  return {
    ...{ what, n, value: median, low: min, high: max, spread: 'range', unit },
    ...(atMost === undefined ? {} : { target: { atMost } }),
    ...(details === undefined ? {} : { details }),
  };
}

/** `x 2.4`: how a detail says how much slower than alone the machine was. */
export function timesSlower(factor: number): string {
  return `x ${factor.toFixed(1)}`;
}
