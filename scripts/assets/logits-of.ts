import type { Classifier } from '../../src/ml/models/classifier.ts';
import { NO_AUGMENTATION } from '../../src/ml/models/training/augmentation.ts';
import { batches } from '../../src/ml/models/training/batches.ts';
import type { LabelledImages } from '../../src/ml/models/training/labelled-images.ts';
import { tf } from '../../src/ml/runtime/tensorflow.ts';

/** Logits of all images as they are, one row each. */
export async function logitsOf(
  grader: Pick<Classifier, 'logits'>,
  images: LabelledImages,
): Promise<number[][]> {
  const order = Array.from({ length: images.count }, (_, index) => index);
  const options = { batchSize: 32, augmentation: NO_AUGMENTATION, seed: 0, wholeOnly: false };
  const rows: number[][] = [];
  for await (const { pixels, labels } of batches(images, order, options)) {
    const x = tf.tensor4d(pixels, [labels.length, images.side, images.side, 3]);
    const logits = await grader.logits(x);
    rows.push(...logits.arraySync());
    tf.dispose([x, logits]);
  }
  return rows;
}
