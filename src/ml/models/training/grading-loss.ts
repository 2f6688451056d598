import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { tf } from '../../runtime/tensorflow.ts';
import { crossEntropyOf } from './cross-entropy.ts';

/** What a grader is trained to make small. All three leave the model's output what it is: one logit a class. */
export type GradingLoss =
  | { readonly kind: 'cross-entropy'; readonly labelSmoothing: number }
  /** `gamma` 0 is the plain cross-entropy; 2 is the published default. */
  | { readonly kind: 'focal'; readonly gamma: number }
  /** `spread`: grades within about this distance share the target; towards 0 it becomes one-hot. */
  | { readonly kind: 'ordinal'; readonly spread: number };

/**
 * Mean loss of a batch in nats, differentiable by the tape.
 *
 * focal: (1 - p)^gamma times the cross-entropy (Lin et al., ICCV 2017). ordinal: cross-entropy against soft labels that
 * fall with the squared distance of the grade, softmax(-(k - y)^2 / (2 spread^2)) (SORD, Diaz and Marathe, CVPR 2019),
 * so that an answer two grades off costs more than one next door.
 */
export function gradingLossOf(
  loss: GradingLoss,
  logits: Tensor2D,
  labels: readonly number[],
  classes: number,
): Scalar {
  if (loss.kind === 'cross-entropy') return crossEntropyOf(logits, labels, classes, loss.labelSmoothing);
  const logProbabilities = tf.logSoftmax(logits);
  if (loss.kind === 'ordinal') {
    const target = tf.tensor2d(
      labels.map((label) => softLabel(label, classes, loss.spread)),
      [labels.length, classes],
    );
    return tf.neg(tf.mean(tf.sum(tf.mul(logProbabilities, target), -1)));
  }
  const hot = tf.oneHot(tf.tensor1d([...labels], 'int32'), classes).toFloat();
  const truth = tf.sum(tf.mul(logProbabilities, hot), -1);
  const doubt = tf.pow(tf.sub(1, tf.exp(truth)), loss.gamma);
  return tf.neg(tf.mean(tf.mul(doubt, truth)));
}

function softLabel(label: number, classes: number, spread: number): number[] {
  const weights = Array.from({ length: classes }, (_, k) =>
    Math.exp(-((k - label) ** 2) / (2 * spread ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
