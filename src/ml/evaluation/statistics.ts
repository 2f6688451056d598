import { createRandom } from '../random.ts';
import type { Difference, Rate } from '../../shared/transfer.ts';

/** 97.5 % quantile of the standard normal: two-sided 95 % intervals. */
export const Z_95 = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** k of n with its 95 % Wilson interval. For n = 0 the rate is null and the interval says nothing: [0, 1]. */
export function rate(k: number, n: number): Rate {
  const { low, high } = wilsonInterval(k, n);
  return { k, n, rate: n === 0 ? null : k / n, low, high };
}

/**
 * Score interval of a binomial proportion (Wilson, JASA 22, 1927), `z` the normal quantile.
 * Stays inside [0, 1] and sensible at k = 0 and k = n, where the textbook (Wald) interval has no width.
 */
export function wilsonInterval(k: number, n: number, z: number = Z_95): Interval {
  requireCounts(k, n);
  if (n === 0) return { low: 0, high: 1 };
  const p = k / n;
  const z2 = z * z;
  const centre = p + z2 / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  const scale = 1 + z2 / n;
  // Rounding could leave 1e-17 where the closed form is exactly 0 or 1.
  return {
    low: k === 0 ? 0 : Math.max(0, (centre - half) / scale),
    high: k === n ? 1 : Math.min(1, (centre + half) / scale),
  };
}

/**
 * Exact interval of a binomial proportion (Clopper and Pearson, Biometrika 26, 1934) at level 1 - alpha: never too
 * narrow, wider than Wilson's. Ends are quantiles of beta(k, n-k+1) and beta(k+1, n-k).
 */
export function clopperPearsonInterval(k: number, n: number, alpha = 0.05): Interval {
  requireCounts(k, n);
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha must lie between 0 and 1, got ${alpha}`);
  if (n === 0) return { low: 0, high: 1 };
  return {
    low: k === 0 ? 0 : betaQuantile(alpha / 2, k, n - k + 1),
    high: k === n ? 1 : betaQuantile(1 - alpha / 2, k + 1, n - k),
  };
}

/** One resampling unit (an image): how often each of the two sides succeeded, and in how many trials. */
export interface PairedUnit {
  readonly first: number;
  readonly second: number;
  readonly trials: number;
}

/**
 * Difference of two pooled rates, sum(first)/sum(trials) - sum(second)/sum(trials), with the percentile interval of a
 * bootstrap that draws whole units with replacement (Efron and Tibshirani 1993, ch. 13): answers of several graders about one
 * image stay together, so that pooling does not narrow the interval. Deterministic for a seed; null without trials.
 */
export function pairedBootstrap(
  units: readonly PairedUnit[],
  options: { resamples?: number; seed?: number; alpha?: number } = {},
): Difference | null {
  const { resamples = 2000, seed = 1, alpha = 0.05 } = options;
  const counted = units.filter((unit) => unit.trials > 0);
  if (counted.length === 0) return null;
  const gains = Float64Array.from(counted, (unit) => unit.first - unit.second);
  const trials = Float64Array.from(counted, (unit) => unit.trials);
  const random = createRandom(seed);
  const differences = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let gain = 0;
    let total = 0;
    for (let draw = 0; draw < gains.length; draw++) {
      const unit = random.integer(gains.length);
      gain += gains[unit];
      total += trials[unit];
    }
    differences[r] = gain / total;
  }
  differences.sort();
  return {
    difference: sum(gains) / sum(trials),
    low: quantileOfSorted(differences, alpha / 2),
    high: quantileOfSorted(differences, 1 - alpha / 2),
  };
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, numpy's default). */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

function requireCounts(k: number, n: number): void {
  if (!Number.isInteger(k) || !Number.isInteger(n) || k < 0 || k > n)
    throw new RangeError(`expected 0 <= k <= n, got k = ${k}, n = ${n}`);
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Bisection: the distribution function is monotone, and 60 halvings reach double precision. */
function betaQuantile(probability: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (regularisedBeta(middle, a, b) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** I_x(a, b) by its continued fraction (DLMF 8.17.22), evaluated with Lentz's method. */
function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean only; above it the mirrored one does.
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b));
  const tiny = 1e-300;
  const nonZero = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return (front * fraction) / a;
}

/** ln gamma(x) for x > 0: the recurrence lifts x above 10, where Stirling's series (DLMF 5.11.1) has 1e-15 left. */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 10) {
    shift -= Math.log(y);
    y += 1;
  }
  const r = 1 / (y * y);
  const series = (1 / y) * (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188))));
  return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
}
