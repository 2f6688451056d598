import type { GraderAnswer, GradingQuality } from '../../shared/transfer.ts';
import { areaUnderRoc } from './auc.ts';
import { balancedAccuracy, confusionMatrix, quadraticWeightedKappa } from './classification.ts';

const GRADES = 5;
const REFERABLE_FROM = 2;

/** Quality of five-grade answers (international DR scale) against labels; what is not defined for the sample is null. */
export function gradingQuality(labels: readonly number[], answers: readonly GraderAnswer[]): GradingQuality {
  const matrix = confusionMatrix(
    labels,
    answers.map((answer) => answer.class),
    GRADES,
  );
  const auc = areaUnderRoc(
    answers.map((answer) => referableScore(answer.logits)),
    labels.map((label) => label >= REFERABLE_FROM),
  );
  return {
    balancedAccuracy: finiteOrNull(balancedAccuracy(matrix)),
    quadraticKappa: finiteOrNull(quadraticWeightedKappa(matrix)),
    referableAuc: auc === null ? null : auc.auc,
  };
}

/** Probability of grade 2 or above: the softmax sum of those grades. */
export function referableScore(logits: readonly number[]): number {
  const highest = Math.max(...logits);
  let total = 0;
  let referable = 0;
  logits.forEach((logit, grade) => {
    const weight = Math.exp(logit - highest);
    total += weight;
    if (grade >= REFERABLE_FROM) referable += weight;
  });
  return referable / total;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
