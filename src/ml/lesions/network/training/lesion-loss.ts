import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { tf } from '../../../runtime/tensorflow.ts';

/** How much more a missed pixel costs than a false one in the cross-entropy, in the order of `networkClasses`. */
const missCost = [6, 3, 3, 4, 1.5] as const;
/** Weights of false and missed area in the Tversky index: missing costs more. */
const falseShare = 0.35;
const missShare = 0.65;

/**
 * Loss for maps of which far less than a hundredth is marked: cross-entropy with dearer misses (mean over pixels, sum over
 * classes) plus 1 - Tversky index over the batch (Salehi et al., MLMI 2017), averaged over the classes that the batch
 * shows. `logits`, `targets` (0..1) and `weights` (0 or 1) are [n, rows, columns, 5].
 */
export function lesionLoss(logits: Tensor4D, targets: Tensor4D, weights: Tensor4D): Scalar {
  const area = tf.maximum(tf.sum(weights, [0, 1, 2]), 1);
  const dearer = tf.tensor1d([...missCost]);
  // softplus(z) - y z is the cross-entropy; its two halves get their own weights.
  const missed = tf.mul(tf.mul(targets, tf.softplus(tf.neg(logits))), dearer);
  const wrong = tf.mul(tf.sub(1, targets), tf.softplus(logits));
  const entropy = tf.sum(tf.div(tf.sum(tf.mul(tf.add(missed, wrong), weights), [0, 1, 2]), area));

  const painted = tf.mul(tf.sigmoid(logits), weights);
  const wanted = tf.mul(targets, weights);
  const both = tf.sum(tf.mul(painted, wanted), [0, 1, 2]);
  const falseArea = tf.sub(tf.sum(painted, [0, 1, 2]), both);
  const missedArea = tf.sub(tf.sum(wanted, [0, 1, 2]), both);
  const denominator = tf.add(both, tf.add(tf.mul(falseArea, falseShare), tf.mul(missedArea, missShare)));
  const index = tf.div(tf.add(both, 1), tf.add(denominator, 1));
  const shown = tf.cast(tf.greater(tf.sum(wanted, [0, 1, 2]), 4), 'float32');
  const overlap = tf.div(tf.sum(tf.mul(tf.sub(1, index), shown)), tf.maximum(tf.sum(shown), 1));
  return tf.add(entropy, overlap);
}
