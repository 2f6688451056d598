import type { Rank, Tensor2D } from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { bindingIsInstalled, startTensorFlow, tf } from '../runtime/tensorflow.ts';
import { architectures, type ArchitectureName } from './architectures/architectures.ts';
import { exportOnnx } from './export-onnx.ts';

// The largest ones are left out; every kind of their layers is in the others or in export-onnx.test.ts.
const cases: readonly (readonly [ArchitectureName, number])[] = [
  ['resnet18', 40],
  ['densenet121', 32],
  ['mobilenetv2-torch', 40],
  ['mobilenetv3-large', 40],
  ['efficientnet-b0', 40],
  ['vit-s16', 48],
];

describe.skipIf(!bindingIsInstalled())('exportOnnx of full-size networks (needs libtensorflow)', () => {
  beforeAll(async () => {
    await startTensorFlow({ threads: 1 });
  });
  afterEach(() => {
    tf.disposeVariables();
  });

  it.each(cases)('keeps the logits of %s at %i px', async (name, side) => {
    const model = architectures[name]({ inputSize: side, classes: 5, seed: 3 });
    const random = createRandom(5);
    // Statistics of a trained network: no mean is zero and no variance one.
    for (const weight of model.weights) {
      const kind = weight.originalName.split('/').at(-1) ?? '';
      if (!['moving_mean', 'moving_variance', 'gamma', 'beta'].includes(kind)) continue;
      const values = Float32Array.from({ length: Number(weight.shape[0]) }, () =>
        kind === 'moving_variance' || kind === 'gamma' ? 0.5 + random.next() : 0.2 * random.normal(),
      );
      const value = tf.tensor(values, weight.shape as number[]);
      weight.write(value);
      value.dispose();
    }
    const x = tf.randomUniform<Rank.R4>([2, side, side, 3], 0, 1, 'float32', 9);
    const expected = (model.predict(x) as Tensor2D).dataSync();
    const session = await InferenceSession.create(exportOnnx(model), { intraOpNumThreads: 1 });
    const image = new OrtTensor('float32', tf.transpose(x, [0, 3, 1, 2]).dataSync<'float32'>(), [
      2,
      3,
      side,
      side,
    ]);
    const { logits } = await session.run({ image });
    await session.release();
    x.dispose();
    const scale = Math.max(...expected.map(Math.abs));
    expect(scale).toBeGreaterThan(1e-3);
    (logits.data as Float32Array).forEach((value, i) => {
      expect(Math.abs(value - expected[i]) / scale).toBeLessThan(1e-4);
    });
  });
});
