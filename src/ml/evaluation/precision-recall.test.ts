import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addCounts, averagePrecision, scoreCounts, type ScoreCounts } from './precision-recall.ts';

interface OracleCase {
  readonly bins: number;
  readonly truth: readonly number[];
  readonly score: readonly number[];
  readonly averagePrecision: number;
}

const oracle = JSON.parse(
  readFileSync(new URL('../../../test/oracles/precision_recall.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly OracleCase[] };

function counted({ bins, truth, score }: OracleCase): ScoreCounts {
  const counts = scoreCounts(bins);
  truth.forEach((is, i) => (counts[is === 1 ? 'positives' : 'negatives'][score[i]] += 1));
  return counts;
}

describe('average precision', () => {
  it.each(oracle.cases)('equals scikit-learn with ties in $bins bins', (each) => {
    expect(averagePrecision(counted(each))).toBeCloseTo(each.averagePrecision, 12);
  });

  it('is 1 for a perfect order, the share of positives for one score, null without positives', () => {
    const perfect = { positives: Float64Array.of(0, 3), negatives: Float64Array.of(7, 0) };
    const blind = { positives: Float64Array.of(3, 0), negatives: Float64Array.of(7, 0) };
    expect(averagePrecision(perfect)).toBe(1);
    expect(averagePrecision(blind)).toBeCloseTo(0.3, 12);
    expect(averagePrecision(scoreCounts(4))).toBeNull();
  });

  it('pools images by adding their counts', () => {
    const pool = scoreCounts(20);
    const [first] = oracle.cases.filter(({ bins }) => bins === 20);
    addCounts(pool, counted(first));
    addCounts(pool, counted(first));
    expect(averagePrecision(pool)).toBeCloseTo(first.averagePrecision, 12);
  });
});
