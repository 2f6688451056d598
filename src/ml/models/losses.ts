import type { Tensor2D } from '@tensorflow/tfjs-core';
import { tf } from '../runtime/tensorflow.ts';
import type { LogitLoss } from './classifier.ts';

/** One sample's loss: fills its row of the derivative and returns the value. */
type RowLoss = (logits: Float64Array, derivative: Float64Array, row: number) => number;

/** Cross-entropy -log softmax(z)[label], in nats. `labels` has one class index a sample. */
export function crossEntropy(labels: readonly number[], classes: number): LogitLoss {
  checkLabels(labels, classes);
  const offset = new Float32Array(labels.length * classes);
  for (const [row, label] of labels.entries()) offset[row * classes + label] = -1;
  const scale = new Float32Array(labels.length).fill(1);
  return rowLoss('cross-entropy', labels.length, classes, labelled(labels, 1), { scale, offset });
}

/** log softmax(z)[label]: the objective of the mark search; the negative of cross-entropy. */
export function logProbability(labels: readonly number[], classes: number): LogitLoss {
  checkLabels(labels, classes);
  const offset = new Float32Array(labels.length * classes);
  for (const [row, label] of labels.entries()) offset[row * classes + label] = 1;
  const scale = new Float32Array(labels.length).fill(-1);
  return rowLoss('log-probability', labels.length, classes, labelled(labels, -1), { scale, offset });
}

/**
 * Kullback-Leibler divergence KL(target || softmax(z)) to fixed probabilities [batch, classes], row-major.
 * Each row must be non-negative and sum to 1 (to 1e-3).
 */
export function kl(targets: Float32Array, classes: number): LogitLoss {
  const batch = targets.length / classes;
  if (!Number.isInteger(batch) || batch < 1)
    throw new RangeError(`${targets.length} targets for ${classes} classes`);
  const sums = Array.from({ length: batch }, (_, row) =>
    targets.subarray(row * classes, (row + 1) * classes).reduce((sum, value) => sum + value, 0),
  );
  if (sums.some((sum) => !(Math.abs(sum - 1) < 1e-3)) || targets.some((value) => value < 0)) {
    throw new RangeError('target probabilities must be non-negative and sum to 1 in each row');
  }
  const evaluate: RowLoss = (logits, derivative, row) => {
    const logs = logSoftmax(logits);
    let value = 0;
    for (let k = 0; k < classes; k += 1) {
      const target = targets[row * classes + k] ?? 0;
      const log = logs[k] ?? 0;
      if (target > 0) value += target * (Math.log(target) - log);
      derivative[k] = (sums[row] ?? 1) * Math.exp(log) - target;
    }
    return value;
  };
  const affine = { scale: Float32Array.from(sums), offset: targets.map((value) => -value) };
  return rowLoss('kl', batch, classes, evaluate, affine);
}

/** Margin max(z[j], j != label) - z[label] (Carlini & Wagner 2017): positive once the sample is misread. */
export function margin(labels: readonly number[], classes: number): LogitLoss {
  checkLabels(labels, classes);
  return rowLoss('margin', labels.length, classes, (logits, derivative, row) => {
    const label = labels[row] ?? 0;
    const rival = largestExcept(logits, label);
    derivative[rival] = 1;
    derivative[label] = -1;
    return (logits[rival] ?? 0) - (logits[label] ?? 0);
  });
}

/**
 * Difference of logits ratio (Croce & Hein 2020, eq. 6): -(z[label] - max other) / (z(1) - z(3)) with z sorted downwards;
 * unchanged by shifting and scaling the logits. With two classes the smallest logit takes the place of the third.
 * Needs at least two classes; the denominator is kept away from 0 by 1e-12 as in the authors' code.
 */
export function dlr(labels: readonly number[], classes: number): LogitLoss {
  checkLabels(labels, classes);
  return rowLoss('dlr', labels.length, classes, (logits, derivative, row) => {
    const label = labels[row] ?? 0;
    const rival = largestExcept(logits, label);
    const order = Array.from(logits.keys()).toSorted((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
    const [top = 0] = order;
    const third = order[Math.min(2, classes - 1)] ?? 0;
    const difference = (logits[rival] ?? 0) - (logits[label] ?? 0);
    const spread = (logits[top] ?? 0) - (logits[third] ?? 0) + 1e-12;
    const value = difference / spread;
    const add = (index: number, amount: number) => {
      derivative[index] = (derivative[index] ?? 0) + amount;
    };
    add(rival, 1 / spread);
    add(label, -1 / spread);
    add(top, -value / spread);
    add(third, value / spread);
    return value;
  });
}

function labelled(labels: readonly number[], sign: 1 | -1): RowLoss {
  return (logits, derivative, row) => {
    const label = labels[row] ?? 0;
    const logs = logSoftmax(logits);
    for (const [k, log] of logs.entries()) derivative[k] = sign * (Math.exp(log) - (k === label ? 1 : 0));
    return -sign * (logs[label] ?? 0);
  };
}

function rowLoss(
  name: string,
  batch: number,
  classes: number,
  evaluateRow: RowLoss,
  affine?: { scale: Float32Array; offset: Float32Array },
): LogitLoss {
  const evaluate = (logits: Tensor2D) => {
    const [rows, columns] = logits.shape;
    if (rows !== batch || columns !== classes) {
      throw new RangeError(`${name} was made for logits [${batch}, ${classes}], got [${rows}, ${columns}]`);
    }
    const data = logits.dataSync();
    const values = new Float32Array(batch);
    const derivatives = new Float32Array(batch * classes);
    for (let row = 0; row < batch; row += 1) {
      const derivative = new Float64Array(classes);
      const sample = Float64Array.from(data.subarray(row * classes, (row + 1) * classes));
      values[row] = evaluateRow(sample, derivative, row);
      derivatives.set(derivative, row * classes);
    }
    return { value: tf.tensor1d(values), derivative: tf.tensor2d(derivatives, [batch, classes]) };
  };
  return affine === undefined ? { name, evaluate } : { name, evaluate, affine };
}

function logSoftmax(logits: Float64Array): Float64Array {
  const largest = logits.reduce((max, value) => Math.max(max, value), -Infinity);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return logits.map((value) => value - largest - Math.log(total));
}

function largestExcept(logits: Float64Array, label: number): number {
  let best = label === 0 ? 1 : 0;
  for (let k = 0; k < logits.length; k += 1) {
    if (k !== label && (logits[k] ?? 0) > (logits[best] ?? 0)) best = k;
  }
  return best;
}

function checkLabels(labels: readonly number[], classes: number): void {
  if (!Number.isInteger(classes) || classes < 2)
    throw new RangeError(`${classes} classes; at least 2 are needed`);
  const wrong = labels.find((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (wrong !== undefined) throw new RangeError(`label ${wrong} is none of the classes 0 to ${classes - 1}`);
  if (labels.length === 0) throw new RangeError('no labels');
}
