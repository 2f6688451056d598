import { Z_95 } from './statistics.ts';

export interface Auc {
  /** Area under the ROC curve, ties counted half. */
  readonly auc: number;
  /** DeLong's variance of it. */
  readonly variance: number;
  /** 95 % interval, normal on the logit scale where 0 < auc < 1, so that it stays inside [0, 1]. */
  readonly low: number;
  readonly high: number;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Area under the ROC curve with DeLong's variance (DeLong et al., Biometrics 44, 1988) by midranks (Sun and Xu,
 * IEEE SPL 21(11), 2014), O(n log n). Null without at least one positive and one negative. Scores must be finite.
 */
export function areaUnderRoc(scores: readonly number[], positive: readonly boolean[]): Auc | null {
  if (scores.length !== positive.length)
    throw new RangeError(`${scores.length} scores for ${positive.length} labels`);
  if (!scores.every(Number.isFinite)) throw new RangeError('scores must be finite');
  const above = scores.filter((_, index) => positive[index]);
  const below = scores.filter((_, index) => !positive[index]);
  const m = above.length;
  const n = below.length;
  if (m === 0 || n === 0) return null;

  const joint = midranks([...above, ...below]);
  const inAbove = midranks(above);
  const inBelow = midranks(below);
  // Each positive's share of negatives below it, and each negative's share of positives above it.
  const placementOfAbove = inAbove.map((rank, i) => (joint[i] - rank) / n);
  const placementOfBelow = inBelow.map((rank, j) => 1 - (joint[m + j] - rank) / m);
  const auc = mean(placementOfAbove);
  const variance = sampleVariance(placementOfAbove) / m + sampleVariance(placementOfBelow) / n;
  return { auc, variance, ...logitInterval(auc, variance), positives: m, negatives: n };
}

/** Ranks from 1, equal values sharing the mean of theirs. */
function midranks(values: readonly number[]): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  let start = 0;
  while (start < order.length) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]] === values[order[start]]) end += 1;
    for (let i = start; i <= end; i++) ranks[order[i]] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return ranks;
}

/** Perfect separation has variance 0 and no logit: the interval is then the point itself, which says little. */
function logitInterval(auc: number, variance: number): { low: number; high: number } {
  if (auc <= 0 || auc >= 1) return { low: auc, high: auc };
  const logit = Math.log(auc / (1 - auc));
  const half = (Z_95 * Math.sqrt(variance)) / (auc * (1 - auc));
  return { low: 1 / (1 + Math.exp(half - logit)), high: 1 / (1 + Math.exp(-half - logit)) };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Zero for a single value: nothing is known about the spread. */
function sampleVariance(values: Float64Array): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
