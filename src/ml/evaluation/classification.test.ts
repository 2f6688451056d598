import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { areaUnderRoc } from './auc.ts';
import { accuracy, balancedAccuracy, confusionMatrix, quadraticWeightedKappa } from './classification.ts';
import { gradingQuality, referableScore } from './grading-quality.ts';

interface Case {
  readonly truth: number[];
  readonly logits: number[][];
  readonly confusion: number[][];
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly quadraticKappa: number;
  readonly referableScores: number[];
  readonly referableAuc: number;
  readonly referableVariance: number;
  readonly coarseScores: number[];
  readonly coarseAuc: number;
  readonly coarseVariance: number;
}

const { classification } = JSON.parse(
  readFileSync(new URL('../../../test/oracles/evaluation.json', import.meta.url), 'utf8'),
) as { classification: Case[] };

const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));

for (const oracle of classification)
  describe(`scores of ${oracle.truth.length} graded images`, () => {
    const answers = oracle.logits.map(argmax);
    const matrix = confusionMatrix(oracle.truth, answers, 5);
    const referable = oracle.truth.map((grade) => grade >= 2);

    it('count and average like scikit-learn', () => {
      expect(Array.from(matrix.counts)).toEqual(oracle.confusion.flat());
      expect(accuracy(matrix)).toBeCloseTo(oracle.accuracy, 12);
      expect(balancedAccuracy(matrix)).toBeCloseTo(oracle.balancedAccuracy, 12);
      expect(quadraticWeightedKappa(matrix)).toBeCloseTo(oracle.quadraticKappa, 12);
    });

    it('have the referable score and AUC of scikit-learn and the variance of DeLong by its definition', () => {
      oracle.logits.forEach((logits, i) => {
        expect(referableScore(logits)).toBeCloseTo(oracle.referableScores[i], 12);
      });
      const auc = areaUnderRoc(oracle.referableScores, referable);
      expect(auc?.auc).toBeCloseTo(oracle.referableAuc, 12);
      expect(auc?.variance).toBeCloseTo(oracle.referableVariance, 12);
    });

    it('count ties of the score half', () => {
      const auc = areaUnderRoc(oracle.coarseScores, referable);
      expect(auc?.auc).toBeCloseTo(oracle.coarseAuc, 12);
      expect(auc?.variance).toBeCloseTo(oracle.coarseVariance, 12);
    });

    it('come together in gradingQuality', () => {
      const quality = gradingQuality(
        oracle.truth,
        oracle.logits.map((logits) => ({ class: argmax(logits), logits })),
      );
      expect(quality.balancedAccuracy).toBeCloseTo(oracle.balancedAccuracy, 12);
      expect(quality.quadraticKappa).toBeCloseTo(oracle.quadraticKappa, 12);
      expect(quality.referableAuc).toBeCloseTo(oracle.referableAuc, 12);
    });
  });

describe('degenerate samples', () => {
  it('have null instead of a number that means nothing', () => {
    const same = { class: 0, logits: [1, 0, 0, 0, 0] };
    expect(gradingQuality([0, 0], [same, same])).toEqual({
      balancedAccuracy: 1,
      quadraticKappa: null,
      referableAuc: null,
    });
    expect(gradingQuality([], [])).toEqual({
      balancedAccuracy: null,
      quadraticKappa: null,
      referableAuc: null,
    });
    expect(areaUnderRoc([0.2, 0.3], [true, true])).toBeNull();
  });

  it('keep the AUC interval inside [0, 1]', () => {
    expect(areaUnderRoc([0.1, 0.2, 0.8, 0.9], [false, false, true, true])).toMatchObject({
      auc: 1,
      low: 1,
      high: 1,
    });
    const close = areaUnderRoc([0.1, 0.2, 0.3, 0.8, 0.25, 0.9], [false, false, false, true, true, true]);
    expect(close?.low).toBeGreaterThan(0);
    expect(close?.high).toBeLessThan(1);
  });

  it('are refused where they cannot be counted', () => {
    expect(() => confusionMatrix([0, 5], [0, 0], 5)).toThrow('class 5');
    expect(() => confusionMatrix([0], [0, 1], 5)).toThrow('1 labels for 2 answers');
    expect(() => areaUnderRoc([NaN, 1], [true, false])).toThrow('finite');
  });
});
