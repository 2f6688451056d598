import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { accuracy, confusionMatrix, quadraticWeightedKappa } from '../../evaluation/classification.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { fuseInference } from '../fused-inference.ts';
import { NO_AUGMENTATION } from './augmentation.ts';
import { batches } from './batches.ts';
import { crossEntropyOf } from './cross-entropy.ts';
import type { LabelledImages } from './labelled-images.ts';

/** How a model does on images it was not trained on. */
export interface GradingScore {
  readonly n: number;
  /** Mean cross-entropy in nats, without label smoothing. */
  readonly loss: number;
  readonly accuracy: number;
  /** Quadratic weighted kappa; NaN where it is not defined. */
  readonly kappa: number;
  readonly answers: readonly number[];
  /** One row an image. */
  readonly logits: readonly (readonly number[])[];
}

/** Runs a model (which puts out logits) over all images as they are. Ruined weights show in a loss that is not finite. */
export async function evaluateModel(
  model: LayersModel,
  images: LabelledImages,
  options: { batchSize: number; signal?: AbortSignal },
): Promise<GradingScore> {
  const order = Array.from({ length: images.count }, (_, index) => index);
  const stream = batches(images, order, {
    batchSize: options.batchSize,
    augmentation: NO_AUGMENTATION,
    seed: 0,
    wholeOnly: false,
  });
  const answersOf = fuseInference(model);
  const answers: number[] = [];
  const rows: number[][] = [];
  let lossSum = 0;
  for await (const batch of stream) {
    options.signal?.throwIfAborted();
    const n = batch.labels.length;
    const [logits, loss] = tf.tidy(() => {
      const x = tf.tensor4d(batch.pixels, [n, images.side, images.side, 3]);
      const z = answersOf(x) as Tensor2D;
      return [z, crossEntropyOf(z, batch.labels, images.classes, 0)] as const;
    });
    lossSum += loss.dataSync()[0] * n;
    answers.push(...largest(logits));
    rows.push(...logits.arraySync());
    tf.dispose([logits, loss]);
  }
  const truth = Array.from(images.labels);
  const matrix = confusionMatrix(truth, answers, images.classes);
  return {
    n: images.count,
    loss: lossSum / images.count,
    accuracy: accuracy(matrix),
    kappa: quadraticWeightedKappa(matrix),
    answers,
    logits: rows,
  };
}

/** Index of each row's largest value, the first one of equals; 0 where a row is not a number. */
export function largest(logits: Tensor2D): number[] {
  return logits.arraySync().map((row) => Math.max(0, row.indexOf(Math.max(...row))));
}
