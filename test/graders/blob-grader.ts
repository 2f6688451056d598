import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Classifier, ClassifierSpec, InputGradient, LogitLoss } from '../../src/ml/models/classifier.ts';
import { tf } from '../../src/ml/runtime/tensorflow.ts';

/**
 * A grader whose answers and gradients are known in closed form: logit 0 is a constant, logit 1 is the mean of
 * gain * (sample - 0.5) * pattern, where the pattern is a smooth function of place and channel. Marks change its answer where the
 * pattern is large, so a search has something to find.
 */
export function blobGrader(
  side: number,
  options: { gain?: number; centre?: readonly [number, number]; name?: string } = {},
): Classifier {
  const { gain = 40, centre = [0.5, 0.5], name = 'blob' } = options;
  const pattern = patternOf(side, centre);
  const spec: ClassifierSpec = {
    id: '0'.repeat(64),
    name,
    kind: 'tfjs',
    inputHeight: side,
    inputWidth: side,
    classes: 2,
    device: 'test',
  };
  const logits = (x: Tensor4D): Promise<Tensor2D> => {
    const samples = x.dataSync();
    const size = side * side * 3;
    const values = new Float32Array(x.shape[0] * 2);
    for (let n = 0; n < x.shape[0]; n++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += pattern[i] * (samples[n * size + i] - 0.5);
      values[n * 2 + 1] = (gain * sum) / size;
    }
    return Promise.resolve(tf.tensor2d(values, [x.shape[0], 2]));
  };
  const inputGradient = async (x: Tensor4D, loss: LogitLoss): Promise<InputGradient> => {
    const answers = await logits(x);
    const { value, derivative } = loss.evaluate(answers);
    const slopes = derivative.dataSync();
    const size = side * side * 3;
    const gradient = new Float32Array(x.size);
    for (let n = 0; n < x.shape[0]; n++) {
      for (let i = 0; i < size; i++) gradient[n * size + i] = (slopes[n * 2 + 1] * gain * pattern[i]) / size;
    }
    derivative.dispose();
    return { loss: value, logits: answers, gradient: tf.tensor4d(gradient, x.shape) };
  };
  return { spec, logits, inputGradient, dispose: () => undefined };
}

function patternOf(side: number, [cx, cy]: readonly [number, number]): Float32Array {
  const pattern = new Float32Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const distance = ((x + 0.5) / side - cx) ** 2 + ((y + 0.5) / side - cy) ** 2;
      for (let c = 0; c < 3; c++)
        pattern[(y * side + x) * 3 + c] = Math.exp(-distance * 12) * (c === 1 ? -1 : 1);
    }
  }
  return pattern;
}
