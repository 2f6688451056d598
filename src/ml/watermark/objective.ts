/**
 * The fitness of LPM (Wei & Zhao, IEEE TMM 26, 2024) over surrogates, minimised: mean + variance of f_k, where f_k is
 * the log-probability surrogate k gives the reference class. The variance keeps one surrogate from being fooled at
 * the others' expense. Log-softmax, never raw logits, so that surrogates with larger logits do not dominate.
 */
export function meanPlusVariance(values: readonly number[]): number {
  const mean = meanOf(values);
  return mean + meanOf(values.map((value) => (value - mean) ** 2));
}

/** Derivative of `meanPlusVariance` with respect to each value. */
export function meanPlusVarianceDerivative(values: readonly number[]): number[] {
  const mean = meanOf(values);
  return values.map((value) => (1 + 2 * (value - mean)) / values.length);
}

/** Log-probability of a class from a row of logits, computed without overflow. */
export function logProbabilityOf(
  logits: ArrayLike<number>,
  offset: number,
  classes: number,
  reference: number,
): number {
  let highest = -Infinity;
  for (let c = 0; c < classes; c++) highest = Math.max(highest, logits[offset + c]);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[offset + c] - highest);
  return logits[offset + reference] - highest - Math.log(sum);
}

/** Index of the largest logit of a row; the first one on a tie. */
export function answerOf(logits: ArrayLike<number>, offset: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) if (logits[offset + c] > logits[offset + best]) best = c;
  return best;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
