import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { tf } from '../../runtime/tensorflow.ts';

/**
 * Mean softmax cross-entropy of a batch in nats, differentiable by the tape. With label smoothing s the target is
 * 1 - s + s/K for the true class and s/K for the others (Szegedy et al., CVPR 2016).
 */
export function crossEntropyOf(
  logits: Tensor2D,
  labels: readonly number[],
  classes: number,
  smoothing: number,
): Scalar {
  // oneHot's own on and off values are cut to whole numbers by libtensorflow.
  const hot = tf.oneHot(tf.tensor1d([...labels], 'int32'), classes).toFloat();
  const target = tf.add(tf.mul(hot, 1 - smoothing), smoothing / classes);
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), target), -1)));
}
