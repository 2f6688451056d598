import type { Rank, Tensor2D } from '@tensorflow/tfjs-core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { tf } from '../runtime/tensorflow.ts';
import { architectures } from './architectures/architectures.ts';
import { AdaptivePooling } from './architectures/adaptive-pooling.ts';
import { FirstToken } from './architectures/first-token.ts';
import { SelfAttention, TokenEmbedding } from './architectures/attention.ts';
import { apply } from './architectures/blocks.ts';
import { ChannelNormalisation, IMAGENET } from './architectures/channel-normalisation.ts';
import { HardSigmoid, HardSwish } from './architectures/hard-activations.ts';
import { exportOnnx } from './export-onnx.ts';

const { layers } = tf;
type Part = (x: SymbolicTensor) => SymbolicTensor;
const part =
  (layer: Parameters<typeof apply>[0]): Part =>
  (x) =>
    apply(layer, x);

// Odd sizes, so that TensorFlow's 'same' padding is lopsided. ONNX Runtime is the oracle of every layer's meaning.
const parts: Record<string, Part> = {
  'Conv2D same, stride 2': part(layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' })),
  'Conv2D same, even kernel': part(layers.conv2d({ filters: 4, kernelSize: [4, 2], padding: 'same' })),
  'Conv2D valid, dilated, ReLU': part(
    layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, activation: 'relu' }),
  ),
  'DepthwiseConv2D, two filters a channel': part(
    layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }),
  ),
  SeparableConv2D: part(
    layers.separableConv2d({ filters: 5, kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }),
  ),
  'BatchNormalization folded into Conv2D': (x) =>
    part(layers.batchNormalization())(part(layers.conv2d({ filters: 4, kernelSize: 3 }))(x)),
  'BatchNormalization folded into SeparableConv2D': (x) =>
    part(layers.batchNormalization())(
      part(layers.separableConv2d({ filters: 4, kernelSize: 3, useBias: false }))(x),
    ),
  'BatchNormalization after an activation': (x) =>
    part(layers.batchNormalization())(
      part(layers.conv2d({ filters: 4, kernelSize: 3, activation: 'tanh' }))(x),
    ),
  'BatchNormalization of a convolution read twice': (x) => {
    const sum = part(layers.conv2d({ filters: 4, kernelSize: 3 }))(x);
    return apply(layers.add(), [sum, part(layers.batchNormalization())(sum)]);
  },
  'BatchNormalization without scale and offset': part(
    layers.batchNormalization({ scale: false, center: false }),
  ),
  'BatchNormalization of a row': (x) => part(layers.batchNormalization())(part(layers.flatten())(x)),
  ReLU6: (x) => part(layers.reLU({ maxValue: 6 }))(part(layers.rescaling({ scale: 20, offset: -9 }))(x)),
  LeakyReLU: (x) =>
    part(layers.leakyReLU({ alpha: 0.1 }))(part(layers.rescaling({ scale: 2, offset: -1 }))(x)),
  'ELU and ThresholdedReLU': (x) =>
    part(layers.thresholdedReLU({ theta: 0.3 }))(
      part(layers.elu())(part(layers.rescaling({ scale: 2, offset: -1 }))(x)),
    ),
  'MaxPooling2D same': part(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })),
  'MaxPooling2D valid': part(layers.maxPooling2d({ poolSize: 2 })),
  'AveragePooling2D same': part(layers.averagePooling2d({ poolSize: [3, 2], strides: 2, padding: 'same' })),
  GlobalAveragePooling2D: part(layers.globalAveragePooling2d({})),
  GlobalMaxPooling2D: part(layers.globalMaxPooling2d({})),
  'Dense with an activation': (x) =>
    part(layers.dense({ units: 6, activation: 'swish' }))(part(layers.globalAveragePooling2d({}))(x)),
  'Dense over a sequence': (x) =>
    part(layers.dense({ units: 4 }))(part(layers.reshape({ targetShape: [63, 3] }))(x)),
  'Add, Multiply, Average, Maximum, Minimum': (x) => {
    const [a, b, c] = [0, 1, 2].map(() => part(layers.conv2d({ filters: 2, kernelSize: 1 }))(x));
    const merged = [layers.multiply(), layers.average(), layers.maximum(), layers.minimum()].map((layer) =>
      apply(layer, [a, b, c]),
    );
    return apply(layers.add(), merged);
  },
  'Concatenate of channels': (x) =>
    apply(layers.concatenate(), [x, part(layers.conv2d({ filters: 2, kernelSize: 1 }))(x)]),
  'Concatenate of columns': (x) => apply(layers.concatenate({ axis: 2 }), [x, x]),
  ZeroPadding2D: part(
    layers.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 3],
      ],
    }),
  ),
  'Dropout, noise': (x) =>
    [layers.dropout({ rate: 0.5 }), layers.gaussianNoise({ stddev: 1 })].map(part).reduce((y, f) => f(y), x),
  Reshape: part(layers.reshape({ targetShape: [7, 3, 9] })),
  ChannelNormalisation: (x) => part(new ChannelNormalisation(IMAGENET))(x),
  'AdaptivePooling to fewer and to more windows': (x) =>
    part(new AdaptivePooling({ side: 8 }))(part(new AdaptivePooling({ side: 4 }))(x)),
  'HardSigmoid, HardSwish': (x) =>
    [layers.rescaling({ scale: 12, offset: -6 }), new HardSwish({}), new HardSigmoid({})]
      .map((layer) => part(layer))
      .reduce((y, f) => f(y), x),
  'tokens, attention and layer normalisation': (x) =>
    [
      layers.reshape({ targetShape: [63, 3] }),
      layers.dense({ units: 8 }),
      new TokenEmbedding({}),
      layers.layerNormalization({ epsilon: 1e-6 }),
      layers.dense({ units: 24, activation: 'gelu' }),
      new SelfAttention({ heads: 2 }),
      new FirstToken({}),
    ]
      .map((layer) => part(layer))
      .reduce((y, f) => f(y), x),
  'a model inside the model': part(
    tf.sequential({
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [9, 7, 3] }),
        layers.batchNormalization(),
        layers.reLU(),
      ],
    }),
  ),
  ...Object.fromEntries(
    (
      [
        'relu',
        'relu6',
        'sigmoid',
        'tanh',
        'elu',
        'selu',
        'softplus',
        'softsign',
        'hardSigmoid',
        'swish',
        'mish',
        'softmax',
      ] as const
    ).map((activation) => [
      `Activation ${activation}`,
      (x: SymbolicTensor) =>
        part(layers.activation({ activation }))(part(layers.rescaling({ scale: 8, offset: -4 }))(x)),
    ]),
  ),
};

describe('exportOnnx', () => {
  it.each(Object.keys(parts))('keeps the logits of %s', async (name) => {
    const image = tf.input({ shape: [9, 7, 3] });
    const answer = parts[name](image);
    const flat = answer.shape.length === 2 ? answer : part(layers.flatten())(answer);
    const model = tf.model({ inputs: image, outputs: part(layers.dense({ units: 3 }))(flat) });
    await expectEqualLogits(model, [2, 9, 7, 3]);
  });

  it.each(['small-resnet', 'small-vgg', 'small-mobilenet'] as const)(
    'keeps the logits of %s and stays under a megabyte',
    async (name) => {
      const model = architectures[name]({ inputSize: 32, classes: 5, seed: 3 });
      const bytes = await expectEqualLogits(model, [2, 32, 32, 3]);
      expect(bytes.length).toBeLessThan(1e6);
    },
  );

  it('names the layer it cannot write, and refuses what is no grader', () => {
    const image = tf.input({ shape: [8, 8, 3] });
    const deconvolved = apply(layers.conv2dTranspose({ filters: 2, kernelSize: 2, name: 'up' }), image);
    const pooled = apply(layers.globalAveragePooling2d({}), deconvolved);
    expect(() => exportOnnx(tf.model({ inputs: image, outputs: pooled }))).toThrow(/Conv2DTranspose "up"/);
    const soft = apply(layers.dense({ units: 2, activation: 'softmax' }), apply(layers.flatten(), image));
    expect(() => exportOnnx(tf.model({ inputs: image, outputs: soft }))).toThrow(/softmax/);
    expect(() => exportOnnx(tf.model({ inputs: image, outputs: deconvolved }))).toThrow(/one row of logits/);
    const open = tf.input({ shape: [null, null, 3] });
    const openModel = tf.model({ inputs: open, outputs: apply(layers.globalAveragePooling2d({}), open) });
    expect(() => exportOnnx(openModel)).toThrow(/input size open/);
  });
});

/** Gives every weight a value of its own, runs both engines on the same images; returns the file. */
async function expectEqualLogits(
  model: LayersModel,
  [n, height, width, channels]: [number, number, number, number],
): Promise<Uint8Array> {
  const random = createRandom(5);
  for (const weight of model.weights) {
    const variance = weight.originalName.endsWith('moving_variance');
    const values = Float32Array.from(
      { length: weight.shape.reduce<number>((a, b) => a * (b ?? 1), 1) },
      () => (variance ? 0.5 + random.next() : 0.4 * random.normal()),
    );
    weight.write(tf.tensor(values, weight.shape as number[]));
  }
  const nhwc = Float32Array.from({ length: n * height * width * channels }, () => random.next());
  const expected = (
    model.predict(tf.tensor<Rank.R4>(nhwc, [n, height, width, channels])) as Tensor2D
  ).dataSync();

  const nchw = new Float32Array(nhwc.length);
  for (let i = 0; i < nhwc.length; i++) {
    const channel = i % channels;
    const pixel = Math.floor(i / channels);
    const image = Math.floor(pixel / (height * width));
    nchw[(image * channels + channel) * height * width + (pixel % (height * width))] = nhwc[i];
  }
  const bytes = exportOnnx(model);
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const answer = await session.run({ image: new OrtTensor('float32', nchw, [n, channels, height, width]) });
  await session.release();
  const actual = answer['logits'].data as Float32Array;
  expect(answer['logits'].dims).toEqual([n, expected.length / n]);
  const scale = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i] - value) / scale).toBeLessThan(1e-4);
  });
  expect(new Set(expected).size).toBeGreaterThan(1);
  return bytes;
}
