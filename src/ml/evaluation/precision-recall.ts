/** How many positives and negatives have each score, scores being whole numbers 0 .. bins - 1. */
export interface ScoreCounts {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

export function scoreCounts(bins: number): ScoreCounts {
  return { positives: new Float64Array(bins), negatives: new Float64Array(bins) };
}

/** Adds `other` to `counts`. */
export function addCounts(counts: ScoreCounts, other: ScoreCounts): void {
  for (let i = 0; i < counts.positives.length; i++) {
    counts.positives[i] += other.positives[i];
    counts.negatives[i] += other.negatives[i];
  }
}

/**
 * Area under the precision-recall curve as average precision: the sum of (recall step x precision) from the highest score
 * down, equal scores in one step, without interpolation (as scikit-learn defines it). Null without positives.
 */
export function averagePrecision({ positives, negatives }: ScoreCounts): number | null {
  const total = positives.reduce((sum, value) => sum + value, 0);
  if (total === 0) return null;
  let hits = 0;
  let answers = 0;
  let area = 0;
  for (let score = positives.length - 1; score >= 0; score--) {
    hits += positives[score];
    answers += positives[score] + negatives[score];
    if (positives[score] > 0) area += (positives[score] / total) * (hits / answers);
  }
  return area;
}
