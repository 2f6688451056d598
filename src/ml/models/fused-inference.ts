import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { layers as layerTypes, LayersModel } from '@tensorflow/tfjs-layers';
import { runningTensorFlow, tf } from '../runtime/tensorflow.ts';
import { ChannelNormalisation, type ChannelStatistics } from './architectures/channel-normalisation.ts';
import { isNormalisation, normalisedAndRectified, supportsFusedActivation } from './normalise-kernel.ts';

type Layer = layerTypes.Layer;

interface Step {
  readonly layer: Layer;
  readonly inputs: readonly Layer[];
  /** Computes the layer's output; its inputs stay the caller's. */
  readonly run: (inputs: Tensor[]) => Tensor;
}

/**
 * A model's answers in inference, with fewer passes over memory than its layers take one by one: normalisation with the
 * rectification behind it, padding with the convolution behind it, and the normalisation of the input in one. Same values
 * but for rounding (a test compares them). Weights are read at every call. Not differentiable: for gradients, apply the
 * model. Without libtensorflow on the CPU, and for models of other shapes than one input and one output, it is
 * `model.apply`. [n, side, side, 3] becomes the model's output, [n, classes] for graders; the caller disposes it.
 */
export function fuseInference(model: LayersModel): (x: Tensor4D) => Tensor {
  const plain = (x: Tensor4D): Tensor => model.apply(x, { training: false }) as Tensor;
  if (tf.getBackend() !== 'tensorflow' || runningTensorFlow()?.device !== 'CPU') return plain;
  const steps = planOf(model);
  if (steps === null) return plain;
  const [input] = model.inputLayers;
  const [output] = model.outputLayers;
  return (x) => {
    // Another model may have switched to the JavaScript engine meanwhile.
    if (tf.getBackend() !== 'tensorflow') return plain(x);
    return tf.tidy(() => {
      const values = new Map<Layer, Tensor>([[input, x]]);
      const awaited = new Map<Layer, number>();
      for (const { inputs } of steps)
        for (const layer of inputs) awaited.set(layer, (awaited.get(layer) ?? 0) + 1);
      for (const { layer, inputs, run } of steps) {
        values.set(layer, run(inputs.map((each) => values.get(each) ?? missing(each))));
        for (const each of inputs) {
          const left = (awaited.get(each) ?? 0) - 1;
          awaited.set(each, left);
          if (left === 0 && each !== input && each !== output) values.get(each)?.dispose();
        }
      }
      return values.get(output) ?? missing(output);
    });
  };
}

/** The steps in an order in which they can be computed; null for a model that is not one plain graph. */
function planOf(model: LayersModel): Step[] | null {
  const { layers, inputLayers, outputLayers } = model;
  if (inputLayers.length !== 1 || outputLayers.length !== 1) return null;
  if (layers.some((layer) => layer.inboundNodes.length !== 1)) return null;
  const sources = new Map(layers.map((layer) => [layer, layer.inboundNodes[0].inboundLayers]));
  const consumers = new Map<Layer, Layer[]>();
  for (const [layer, inputs] of sources)
    for (const each of inputs) consumers.set(each, [...(consumers.get(each) ?? []), layer]);

  /** The layer that alone takes another's output, where that is nothing else than a step inside the model. */
  const only = (layer: Layer): Layer | undefined => {
    const takers = consumers.get(layer) ?? [];
    return takers.length === 1 && !outputLayers.includes(layer) ? takers[0] : undefined;
  };
  const fused = new Map<Layer, Step>();
  const absorbed = new Set<Layer>();
  for (const layer of layers) {
    const next = only(layer);
    const run = next === undefined ? undefined : together(layer, next);
    if (next === undefined || run === undefined || sources.get(next)?.length !== 1) continue;
    absorbed.add(layer);
    fused.set(next, { layer: next, inputs: sources.get(layer) ?? [], run });
  }
  return layers
    .filter((layer) => !absorbed.has(layer) && !inputLayers.includes(layer))
    .map((layer) => fused.get(layer) ?? { layer, inputs: sources.get(layer) ?? [], run: alone(layer) });
}

/** What computes two layers at once, if anything does. */
function together(first: Layer, second: Layer): ((inputs: Tensor[]) => Tensor) | undefined {
  const { maxValue } = second.getConfig();
  const rectifies = second.getClassName() === 'ReLU' && (maxValue === undefined || maxValue === null);
  if (rectifies && isNormalisation(first) && supportsFusedActivation())
    return ([x]) => normalisedAndRectified(x as Tensor4D, first);
  if (first.getClassName() === 'ZeroPadding2D' && second.getClassName() === 'Conv2D')
    return paddedConvolution(first, second);
  return undefined;
}

function paddedConvolution(first: Layer, second: Layer): ((inputs: Tensor[]) => Tensor) | undefined {
  const config = second.getConfig();
  const isPlain =
    config['padding'] === 'valid' &&
    config['useBias'] === false &&
    (config['activation'] ?? 'linear') === 'linear' &&
    [config['dilationRate']].flat().every((rate) => rate === 1) &&
    [config['dataFormat'], first.getConfig()['dataFormat']].every((format) => format === 'channelsLast');
  if (!isPlain) return undefined;
  const [rows, columns] = first.getConfig()['padding'] as [[number, number], [number, number]];
  const [down, across] = config['strides'] as [number, number];
  return ([x]) =>
    tf.conv2d(
      x as Tensor4D,
      second.weights[0].read() as Tensor4D,
      [down, across],
      [[0, 0], rows, columns, [0, 0]],
    );
}

function alone(layer: Layer): (inputs: Tensor[]) => Tensor {
  if (layer instanceof ChannelNormalisation) {
    const { mean, deviation } = layer.getConfig() as unknown as ChannelStatistics;
    const variance = deviation.map((value) => value ** 2);
    return ([x]) =>
      tf.batchNorm(x as Tensor4D, tf.tensor1d([...mean]), tf.tensor1d(variance), undefined, undefined, 1e-12);
  }
  return (inputs) => layer.apply(inputs.length === 1 ? inputs[0] : inputs, { training: false }) as Tensor;
}

function missing(layer: Layer): never {
  throw new Error(`${layer.name} has no value yet`);
}
