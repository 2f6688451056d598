import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { bindingIsInstalled, startTensorFlow, tf } from '../runtime/tensorflow.ts';
import { architectures } from './architectures/architectures.ts';
import { fuseInference } from './fused-inference.ts';

// The model applied layer by layer is the oracle.
describe.skipIf(!bindingIsInstalled())('fuseInference (needs libtensorflow)', () => {
  beforeAll(() => startTensorFlow({ threads: 1 }));

  it.each([
    ['resnet18', 64],
    ['densenet121', 64],
    ['inception-v3', 96],
    ['small-vgg', 32],
  ] as const)('gives the answers of %s, in fewer kernels', async (name, side) => {
    const model = architectures[name]({ inputSize: side, classes: 5, seed: 3 });
    randomStatistics(model);
    const x = tf.randomUniform<Rank.R4>([2, side, side, 3], 0, 1, 'float32', 5);
    const fused = fuseInference(model);
    const tensors = tf.memory().numTensors;
    const [plain, quick] = [() => model.apply(x) as Tensor, () => fused(x)].map((run) => tf.tidy(run));
    expect(largestDifference(plain, quick)).toBeLessThan(1e-4);
    tf.dispose([plain, quick]);
    expect(tf.memory().numTensors).toBe(tensors);
    const kernels = async (run: () => Tensor): Promise<number> =>
      (await tf.profile(() => tf.tidy(run))).kernels.length;
    expect(await kernels(() => fused(x))).toBeLessThan(await kernels(() => model.apply(x) as Tensor));
  });

  it('leaves what is used twice, capped or put out as it is', () => {
    const { layers } = tf;
    const image = tf.input({ shape: [9, 8, 3] });
    const padded = layers
      .zeroPadding2d({
        padding: [
          [2, 0],
          [1, 3],
        ],
      })
      .apply(image) as SymbolicTensor;
    const convolution = () =>
      layers.conv2d({ filters: 4, kernelSize: 3, strides: [2, 1], useBias: false }).apply(padded);
    const first = layers.batchNormalization().apply(convolution()) as SymbolicTensor;
    const second = layers.batchNormalization().apply(convolution()) as SymbolicTensor;
    const shared = layers.reLU().apply(first) as SymbolicTensor;
    const capped = layers.reLU({ maxValue: 0.5 }).apply(second) as SymbolicTensor;
    const sum = layers.add().apply([first, shared, capped]) as SymbolicTensor;
    const last = layers.batchNormalization().apply(sum) as SymbolicTensor;
    const model = tf.model({ inputs: image, outputs: last });
    randomStatistics(model);
    const x = tf.randomNormal<Rank.R4>([2, 9, 8, 3], 0, 1, 'float32', 2);
    expect(largestDifference(model.apply(x) as Tensor, fuseInference(model)(x))).toBeLessThan(1e-5);
  });

  it('sees weights that change afterwards', () => {
    const model = architectures['small-resnet']({ inputSize: 32, classes: 3, seed: 1 });
    const fused = fuseInference(model);
    const x = tf.randomUniform<Rank.R4>([1, 32, 32, 3], 0, 1, 'float32', 1);
    const before = fused(x);
    randomStatistics(model);
    const after = fused(x);
    expect(largestDifference(before, after)).toBeGreaterThan(1e-3);
    expect(largestDifference(model.apply(x) as Tensor, after)).toBeLessThan(1e-4);
  });
});

/** Weights as after a training: nothing is 0 or 1 any more. */
function randomStatistics(model: LayersModel): void {
  model.layers
    .filter((layer) => layer.getClassName() === 'BatchNormalization')
    .forEach((layer, seed) => {
      const fresh = layer
        .getWeights()
        .map((weight, i) =>
          tf.randomUniform(weight.shape, i === 3 ? 0.5 : -0.5, 1.5, 'float32', 9 * seed + i),
        );
      layer.setWeights(fresh);
    });
}

function largestDifference(a: Tensor, b: Tensor): number {
  const [scale, difference] = tf.tidy(() =>
    [tf.max(tf.abs(a)), tf.max(tf.abs(tf.sub(a, b)))].map((t) => t.dataSync()[0]),
  );
  return difference / Math.max(1, scale);
}
