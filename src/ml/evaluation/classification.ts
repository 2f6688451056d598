/** Counts of (true class, answered class) pairs: `counts[truth * classes + answer]`. */
export interface ConfusionMatrix {
  readonly classes: number;
  readonly counts: Uint32Array;
  readonly total: number;
}

/** `truth` and `answers` hold class indices in 0..classes-1. Throws RangeError on unequal lengths and other classes. */
export function confusionMatrix(
  truth: readonly number[],
  answers: readonly number[],
  classes: number,
): ConfusionMatrix {
  if (truth.length !== answers.length)
    throw new RangeError(`${truth.length} labels for ${answers.length} answers`);
  const counts = new Uint32Array(classes * classes);
  truth.forEach((label, index) => {
    requireClass(label, classes);
    requireClass(answers[index], classes);
    counts[label * classes + answers[index]] += 1;
  });
  return { classes, counts, total: truth.length };
}

/** Share of answers equal to the label; NaN for an empty matrix. */
export function accuracy({ classes, counts, total }: ConfusionMatrix): number {
  let correct = 0;
  for (let c = 0; c < classes; c++) correct += counts[c * classes + c];
  return correct / total;
}

/** Mean recall over the classes that occur among the labels (scikit-learn's balanced_accuracy_score); NaN when empty. */
export function balancedAccuracy({ classes, counts }: ConfusionMatrix): number {
  let recalls = 0;
  let present = 0;
  for (let c = 0; c < classes; c++) {
    const row = counts.subarray(c * classes, (c + 1) * classes);
    const size = row.reduce((sum, n) => sum + n, 0);
    if (size === 0) continue;
    recalls += row[c] / size;
    present += 1;
  }
  return recalls / present;
}

/**
 * Cohen's kappa with weights (i - j)^2, the usual score of DR grading (Cohen, Psychol. Bull. 70, 1968): 1 perfect, 0 chance.
 * NaN where labels and answers all are one and the same class, so that chance alone already agrees.
 */
export function quadraticWeightedKappa({ classes, counts, total }: ConfusionMatrix): number {
  const truths = new Float64Array(classes);
  const answered = new Float64Array(classes);
  for (let i = 0; i < classes; i++)
    for (let j = 0; j < classes; j++) {
      truths[i] += counts[i * classes + j];
      answered[j] += counts[i * classes + j];
    }
  let observed = 0;
  let expected = 0;
  for (let i = 0; i < classes; i++)
    for (let j = 0; j < classes; j++) {
      const weight = (i - j) ** 2;
      observed += weight * counts[i * classes + j];
      expected += (weight * truths[i] * answered[j]) / total;
    }
  return 1 - observed / expected;
}

function requireClass(value: number, classes: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= classes)
    throw new RangeError(`class ${value} is not among 0..${classes - 1}`);
}
