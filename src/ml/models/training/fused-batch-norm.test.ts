import type { Rank, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { bindingIsInstalled, startTensorFlow, tf } from '../../runtime/tensorflow.ts';
import { fuseBatchNorm } from './fused-batch-norm.ts';

// TensorFlow.js's own composition of the same normalisation is the oracle.
describe.skipIf(!bindingIsInstalled())('fuseBatchNorm (needs libtensorflow)', () => {
  it('gives the values, gradients and moving statistics of the composed form', async () => {
    await startTensorFlow();
    const x = tf.randomNormal<Rank.R4>([4, 6, 5, 3], 2, 3, 'float32', 11);
    const upstream = tf.randomNormal<Rank.R4>([4, 6, 5, 3], 0, 1, 'float32', 12);
    const composed = trainOnce(x, upstream, () => undefined);
    const fused = trainOnce(x, upstream, (model) => void fuseBatchNorm(model));
    expect(Object.keys(composed)).toHaveLength(6);
    for (const [name, values] of Object.entries(composed)) {
      const other = fused[name];
      values.forEach((value, i) => expect(other[i], `${name}[${i}]`).toBeCloseTo(value, 4));
    }
  });

  it('can be undone, leaves inference alone and no tensor behind', async () => {
    await startTensorFlow();
    const model = oneLayer();
    const x = tf.randomNormal([2, 3, 3, 3]);
    const before = (model.apply(x) as Tensor).dataSync();
    const undo = fuseBatchNorm(model);
    expect((model.apply(x) as Tensor).dataSync()).toEqual(before);
    const tensors = tf.memory().numTensors;
    tf.tidy(() => void model.apply(x, { training: true }));
    expect(tf.memory().numTensors).toBe(tensors);
    undo();
    expect((model.layers[1] as object as { call: unknown }).call).toBe(
      (tf.layers.batchNormalization() as object as { call: unknown }).call,
    );
  });
});

function trainOnce(
  x: Tensor4D,
  upstream: Tensor4D,
  prepare: (model: LayersModel) => void,
): Record<string, Float32Array> {
  const model = oneLayer();
  prepare(model);
  model.setWeights([
    tf.tensor1d([0.5, 1.5, -2]),
    tf.tensor1d([0.1, -0.3, 0.7]),
    tf.tensor1d([1, 2, 3]),
    tf.tensor1d([2, 1, 0.5]),
  ]);
  let y: Float32Array = new Float32Array();
  const score = (): Tensor => {
    const out = model.apply(x, { training: true }) as Tensor;
    y = out.dataSync() as Float32Array;
    return tf.sum(tf.mul(out, upstream));
  };
  const { grads } = tf.variableGrads(score as never);
  const [dGamma, dBeta] = Object.values(grads);
  const statistics = model.getWeights().slice(2);
  // The graph with respect to the input runs on fresh statistics, which do not enter the result in training.
  const dx = tf.grad((input) => tf.sum(tf.mul(model.apply(input, { training: true }) as Tensor, upstream)))(
    x,
  );
  const values = (tensor: Tensor | undefined): Float32Array => tensor?.dataSync() as Float32Array;
  return {
    y,
    dx: values(dx),
    dGamma: values(dGamma),
    dBeta: values(dBeta),
    movingMean: values(statistics[0]),
    movingVariance: values(statistics[1]),
  };
}

function oneLayer(): LayersModel {
  const image = tf.input({ shape: [null, null, 3] });
  const layer = tf.layers.batchNormalization({ momentum: 0.9 });
  return tf.model({ inputs: image, outputs: layer.apply(image) as typeof image });
}
