import type { Tensor2D } from '@tensorflow/tfjs-core';
import { tf } from '../runtime/tensorflow.ts';
import type { LogitLoss } from './classifier.ts';

/** Cross-entropy -log softmax(z)[label] of each sample; `labels` has one class index a sample. */
export function crossEntropy(labels: readonly number[], classes: number): LogitLoss {
  return signedLogProbability('cross-entropy', labels, classes, -1);
}

/** Log-probability log softmax(z)[label] of each sample, the negative of the cross-entropy. */
export function logProbability(labels: readonly number[], classes: number): LogitLoss {
  return signedLogProbability('log-probability', labels, classes, 1);
}

function signedLogProbability(
  name: string,
  labels: readonly number[],
  classes: number,
  sign: 1 | -1,
): LogitLoss {
  const offset = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => (offset[i * classes + label] = sign));
  const scale = new Float32Array(labels.length).fill(-sign);
  return {
    name,
    affine: { scale, offset },
    evaluate: (logits: Tensor2D) =>
      tf.tidy(() => {
        const target = tf.tensor2d(offset, [labels.length, classes]);
        const value = tf.sum(tf.mul(tf.logSoftmax(logits), target), 1).as1D();
        const derivative = tf.sub(target, tf.mul(sign, tf.softmax(logits))).as2D(labels.length, classes);
        return { value, derivative };
      }),
  };
}
