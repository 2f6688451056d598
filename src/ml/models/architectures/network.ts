import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { createRandom, deriveSeed } from '../../random.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, type ArchitectureOptions } from './blocks.ts';
import { ChannelNormalisation, type ChannelStatistics } from './channel-normalisation.ts';
import { fansOf, leCunUniform, type Draw } from './initial-weights.ts';
import { registerOwnLayers } from './own-layers.ts';

export interface NetworkStyle {
  /** Initial kernels of convolutions, unless a layer says otherwise. */
  readonly kernels: Draw;
  /** Added to the variance in batch normalisation: 1e-5 in PyTorch, 1e-3 in Keras. */
  readonly epsilon?: number;
  /** Share of the old in the running statistics; 0.9 where PyTorch writes momentum 0.1. */
  readonly momentum?: number;
}

export interface Window {
  readonly filters: number;
  /** Rows and columns of the kernel; one number for a square. */
  readonly size: number | readonly [number, number];
  readonly strides?: number;
  /**
   * Zeros on either side, by default half the kernel. PyTorch's padding: alike on both sides, where TensorFlow's 'same'
   * puts the odd one behind. 'same' asks for TensorFlow's (and Keras') way.
   */
  readonly pad?: number | readonly [number, number] | 'same';
  readonly bias?: boolean;
  readonly draw?: Draw;
  /** Zero unless given. */
  readonly drawBias?: Draw;
}

export interface DenseOptions {
  readonly units: number;
  readonly draw?: Draw;
  /** Zero unless given; drawn with the kernel's fans. */
  readonly drawBias?: Draw;
}

/**
 * Makes the layers of one network. Layers are named as in torchvision or timm, so that their weight files fit by name.
 * Weights are zero until `finish`, which draws them: each tensor from a sequence of its own, named after the layer.
 */
export interface Network {
  /** Images in [0, 1] as [size, size, 3]; `image` is the input, `normalised` what the first layer reads. */
  input(statistics?: ChannelStatistics): { image: SymbolicTensor; normalised: SymbolicTensor };
  convolution(x: SymbolicTensor, name: string, window: Window): SymbolicTensor;
  depthwise(x: SymbolicTensor, name: string, window: Omit<Window, 'filters' | 'bias'>): SymbolicTensor;
  batchNorm(x: SymbolicTensor, name: string): SymbolicTensor;
  relu(x: SymbolicTensor, name: string, ceiling?: number): SymbolicTensor;
  /** x sigmoid(x). */
  silu(x: SymbolicTensor, name: string): SymbolicTensor;
  /** Zeros around rows and columns. */
  pad(x: SymbolicTensor, name: string, sides: readonly [number, number]): SymbolicTensor;
  globalPool(x: SymbolicTensor): SymbolicTensor;
  dropout(x: SymbolicTensor, rate: number, name?: string): SymbolicTensor;
  dense(x: SymbolicTensor, name: string, options: DenseOptions): SymbolicTensor;
  /** Remembers how a weight of a layer of another kind is drawn. */
  drawn(weight: string, draw: Draw): void;
  finish(name: string, image: SymbolicTensor, logits: SymbolicTensor): LayersModel;
}

export function network({ inputSize, seed, weights }: ArchitectureOptions, style: NetworkStyle): Network {
  registerOwnLayers();
  const { epsilon = 1e-5, momentum = 0.9 } = style;
  const draws = new Map<string, Draw>();

  const pad: Network['pad'] = (x, name, [rows, columns]) =>
    apply(tf.layers.zeroPadding2d({ padding: [rows, columns], name }), x);

  /** The value to convolve and the padding that is left to the layer. */
  const padded = (
    x: SymbolicTensor,
    name: string,
    [rows, columns]: readonly [number, number],
    { strides = 1, pad: asked }: Pick<Window, 'strides' | 'pad'>,
  ): { source: SymbolicTensor; padding: 'same' | 'valid' } => {
    if (asked === 'same') return { source: x, padding: 'same' };
    const half = [Math.floor(rows / 2), Math.floor(columns / 2)] as const;
    const [top, left] = asked === undefined ? half : pairOf(asked);
    if (top === 0 && left === 0) return { source: x, padding: 'valid' };
    const whole = strides === 1 && 2 * top + 1 === rows && 2 * left + 1 === columns;
    if (whole) return { source: x, padding: 'same' };
    return { source: pad(x, `${name}.pad`, [top, left]), padding: 'valid' };
  };

  return {
    pad,
    input: (statistics) => {
      const image = tf.input({ shape: [inputSize, inputSize, 3], name: 'image' });
      if (statistics === undefined) return { image, normalised: image };
      return {
        image,
        normalised: apply(new ChannelNormalisation({ ...statistics, name: 'normalise' }), image),
      };
    },
    convolution: (x, name, window) => {
      const kernelSize = pairOf(window.size);
      const { source, padding } = padded(x, name, kernelSize, window);
      const { filters, strides = 1, bias: useBias = false } = window;
      draws.set(`${name}/kernel`, window.draw ?? style.kernels);
      if (window.drawBias !== undefined) draws.set(`${name}/bias`, window.drawBias);
      const config = {
        name,
        filters,
        kernelSize: [...kernelSize] as [number, number],
        strides,
        padding,
        useBias,
      };
      return apply(tf.layers.conv2d({ ...config, kernelInitializer: 'zeros' }), source);
    },
    depthwise: (x, name, window) => {
      const kernelSize = pairOf(window.size);
      const { source, padding } = padded(x, name, kernelSize, window);
      draws.set(`${name}/depthwise_kernel`, window.draw ?? style.kernels);
      const strides = window.strides ?? 1;
      const config = {
        name,
        kernelSize: [...kernelSize] as [number, number],
        strides,
        padding,
        useBias: false,
      };
      return apply(tf.layers.depthwiseConv2d({ ...config, depthwiseInitializer: 'zeros' }), source);
    },
    batchNorm: (x, name) => apply(tf.layers.batchNormalization({ epsilon, momentum, name }), x),
    relu: (x, name, ceiling) =>
      apply(tf.layers.reLU({ name, ...(ceiling === undefined ? {} : { maxValue: ceiling }) }), x),
    silu: (x, name) => apply(tf.layers.activation({ activation: 'swish', name }), x),
    globalPool: (x) => apply(tf.layers.globalAveragePooling2d({ name: 'pool' }), x),
    dropout: (x, rate, name = 'dropout') =>
      apply(tf.layers.dropout({ rate, seed: deriveSeed(seed, name), name }), x),
    dense: (x, name, { units, draw = leCunUniform, drawBias }) => {
      draws.set(`${name}/kernel`, draw);
      if (drawBias !== undefined) draws.set(`${name}/bias`, drawBias);
      return apply(tf.layers.dense({ units, name, kernelInitializer: 'zeros' }), x);
    },
    drawn: (weight, draw) => void draws.set(weight, draw),
    finish: (name, image, logits) => {
      const model = tf.model({ inputs: image, outputs: logits, name });
      if (weights !== 'zero') drawWeights(model, draws, seed);
      return model;
    },
  };
}

function drawWeights(model: LayersModel, draws: ReadonlyMap<string, Draw>, seed: number): void {
  for (const layer of model.layers) {
    const kernel = layer.weights.find(({ originalName }) => originalName.endsWith('kernel'));
    for (const weight of layer.weights) {
      const name = `${layer.name}/${weight.originalName.split('/').at(-1) ?? ''}`;
      const draw = draws.get(name);
      if (draw === undefined) continue;
      const shape = weight.shape.map(Number);
      const fans = fansOf((kernel ?? weight).shape.map(Number), name.endsWith('depthwise_kernel'));
      const random = createRandom(deriveSeed(seed, name));
      const count = shape.reduce((product, side) => product * side, 1);
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = draw(random, fans);
      const value = tf.tensor(values, shape);
      weight.write(value);
      value.dispose();
    }
  }
}

function pairOf(value: number | readonly [number, number]): readonly [number, number] {
  return typeof value === 'number' ? [value, value] : value;
}
