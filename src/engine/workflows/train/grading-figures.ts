import { areaUnderRoc } from '../../../ml/evaluation/auc.ts';
import { confusionMatrix, quadraticWeightedKappa } from '../../../ml/evaluation/classification.ts';
import { referableScore } from '../../../ml/evaluation/grading-quality.ts';
import { quantileOfSorted, rate } from '../../../ml/evaluation/statistics.ts';
import type { GradingScore } from '../../../ml/models/training/evaluate.ts';
import { createRandom } from '../../../ml/random.ts';
import type { ModelCard } from '../../../shared/train-job.ts';

const RESAMPLES = 1000;
const GRADES = 5;
const REFERABLE_FROM = 2;

/** Area under the ROC curve of referable DR; null without five grades or without both sides. */
export function referableAuc(labels: readonly number[], { logits }: GradingScore, classes: number) {
  if (classes !== GRADES) return null;
  return areaUnderRoc(
    logits.map(referableScore),
    labels.map((label) => label >= REFERABLE_FROM),
  );
}

/** The figures of a model card, each with its 95 % interval: Wilson, percentile bootstrap over images, DeLong. */
export function gradingFigures(
  labels: readonly number[],
  score: GradingScore,
  classes: number,
): Pick<ModelCard['validation'], 'n' | 'accuracy' | 'quadraticKappa' | 'referableAuc' | 'confusion'> {
  const correct = score.answers.filter((answer, i) => answer === labels[i]).length;
  const { rate: value, low, high } = rate(correct, labels.length);
  const auc = referableAuc(labels, score, classes);
  const { counts } = confusionMatrix([...labels], [...score.answers], classes);
  return {
    n: labels.length,
    accuracy: { value, low, high },
    quadraticKappa: kappaInterval(labels, score.answers, classes),
    referableAuc:
      auc === null
        ? { value: null, low: null, high: null }
        : { value: auc.auc, low: auc.low, high: auc.high },
    confusion: Array.from({ length: classes }, (_, row) =>
      Array.from(counts.subarray(row * classes, (row + 1) * classes)),
    ),
  };
}

function kappaInterval(
  labels: readonly number[],
  answers: readonly number[],
  classes: number,
): ModelCard['validation']['quadraticKappa'] {
  const kappaOf = (indices: readonly number[]): number =>
    quadraticWeightedKappa(
      confusionMatrix(
        indices.map((i) => labels[i]),
        indices.map((i) => answers[i]),
        classes,
      ),
    );
  const all = labels.map((_, i) => i);
  const value = kappaOf(all);
  if (!Number.isFinite(value)) return { value: null, low: null, high: null };
  const random = createRandom(1);
  const drawn = Array.from({ length: RESAMPLES }, () => kappaOf(all.map(() => random.integer(all.length))))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  return { value, low: quantileOfSorted(drawn, 0.025), high: quantileOfSorted(drawn, 0.975) };
}
