import { writeActivation } from './activations.ts';
import { writeBatchNorm, writeConvolution } from './convolution.ts';
import {
  imageShape,
  pair,
  requireChannelsLast,
  requiredWeight,
  unsupportedLayer,
  weightOf,
  type Converter,
  type LayerCall,
} from './layer-call.ts';
import { writeConcatenate, writeFlatten, writeMerge, writeReshape } from './arrangement.ts';
import { ownConverters } from './own-layers.ts';
import { windowPads } from './padding.ts';

/** The converter of a layer. Throws Failure `model-unsupported` naming the layer when there is none. */
export function converterOf({ layer }: Pick<LayerCall, 'layer'>): Converter {
  const found = converters.get(layer.getClassName());
  if (found === undefined) throw unsupportedLayer(layer, 'is a kind of layer without a counterpart here');
  return found;
}

/** Layers that only act in training. */
const passes: Converter = ({ inputs }) => inputs()[0];

const converters: ReadonlyMap<string, Converter> = new Map<string, Converter>([
  ['Conv2D', (call) => writeConvolution(call)],
  ['DepthwiseConv2D', (call) => writeConvolution(call)],
  ['SeparableConv2D', (call) => writeConvolution(call)],
  ['BatchNormalization', writeBatchNorm],
  ['Dense', writeDense],
  [
    'Activation',
    ({ builder, config, inputs, layer, value }) =>
      writeActivation(builder, config['activation'], inputs()[0], layer, channelAxis(value.shape)),
  ],
  ['Softmax', writeSoftmax],
  ['ReLU', writeRelu],
  [
    'LeakyReLU',
    ({ builder, config, inputs }) =>
      builder.op('LeakyRelu', [inputs()[0]], { alpha: { float: Number(config['alpha'] ?? 0.3) } }),
  ],
  [
    'ELU',
    ({ builder, config, inputs }) =>
      builder.op('Elu', [inputs()[0]], { alpha: { float: Number(config['alpha'] ?? 1) } }),
  ],
  [
    'ThresholdedReLU',
    ({ builder, config, inputs }) =>
      builder.op('ThresholdedRelu', [inputs()[0]], { alpha: { float: Number(config['theta'] ?? 1) } }),
  ],
  ['MaxPooling2D', (call) => writePooling(call, 'MaxPool')],
  ['AveragePooling2D', (call) => writePooling(call, 'AveragePool')],
  ['GlobalAveragePooling2D', (call) => writeGlobalPooling(call, 'GlobalAveragePool')],
  ['GlobalMaxPooling2D', (call) => writeGlobalPooling(call, 'GlobalMaxPool')],
  ['ZeroPadding2D', writeZeroPadding],
  ['Rescaling', writeRescaling],
  ['Flatten', writeFlatten],
  ['Reshape', writeReshape],
  ['Concatenate', writeConcatenate],
  ['Add', (call) => writeMerge(call, 'Add')],
  ['Multiply', (call) => writeMerge(call, 'Mul')],
  ['Average', (call) => writeMerge(call, 'Mean')],
  ['Maximum', (call) => writeMerge(call, 'Max')],
  ['Minimum', (call) => writeMerge(call, 'Min')],
  ['Dropout', passes],
  ['SpatialDropout2D', passes],
  ['GaussianDropout', passes],
  ['GaussianNoise', passes],
  ['AlphaDropout', passes],
  ...ownConverters,
]);

/** Channels stand second in the new graph for images, last for everything else. */
function channelAxis(shape: readonly (number | null)[]): number {
  return shape.length === 4 ? 1 : -1;
}

function writeDense({ builder, config, inputs, layer, value }: LayerCall): string {
  const { shape, values } = requiredWeight(layer, 'kernel');
  const bias = weightOf(layer, 'bias');
  const weights = builder.floats(shape, values);
  let sum: string;
  if (value.shape.length === 2) {
    sum = builder.op('Gemm', [
      inputs()[0],
      weights,
      ...(bias ? [builder.floats(bias.shape, bias.values)] : []),
    ]);
  } else if (value.shape.length === 3) {
    sum = builder.op('MatMul', [inputs()[0], weights]);
    if (bias) sum = builder.op('Add', [sum, builder.floats(bias.shape, bias.values)]);
  } else {
    throw unsupportedLayer(layer, `stands over a value of rank ${value.shape.length}`);
  }
  return writeActivation(builder, config['activation'], sum, layer, -1);
}

function writeSoftmax({ builder, config, inputs, layer, value }: LayerCall): string {
  const axis = Number(config['axis'] ?? -1);
  const rank = value.shape.length;
  if (axis !== -1 && axis !== rank - 1) throw unsupportedLayer(layer, `runs over axis ${axis}`);
  return builder.op('Softmax', [inputs()[0]], { axis: channelAxis(value.shape) });
}

function writeRelu({ builder, config, inputs }: LayerCall): string {
  const ceiling = config['maxValue'];
  if (typeof ceiling !== 'number') return builder.op('Relu', [inputs()[0]]);
  return builder.op('Clip', [inputs()[0], builder.scalar(0), builder.scalar(ceiling)]);
}

function writePooling(call: LayerCall, op: 'MaxPool' | 'AveragePool'): string {
  requireChannelsLast(call);
  const { builder, config, inputs, layer, value } = call;
  const window = pair(config['poolSize'], 2);
  const strides = config['strides'] === null ? window : pair(config['strides'], window[0]);
  const [rows, columns] = imageShape(layer, value.inputs[0]);
  const pads = windowPads(config['padding'], [rows, columns], window, strides);
  // Padding counts in neither: TensorFlow averages over the pixels that exist.
  return builder.op(op, [inputs()[0]], { kernel_shape: window, strides, pads });
}

function writeGlobalPooling(call: LayerCall, op: 'GlobalAveragePool' | 'GlobalMaxPool'): string {
  requireChannelsLast(call);
  const { builder, inputs } = call;
  return builder.op('Flatten', [builder.op(op, [inputs()[0]])], { axis: 1 });
}

function writeZeroPadding(call: LayerCall): string {
  requireChannelsLast(call);
  const { builder, config, inputs, layer } = call;
  const { padding } = config;
  if (!Array.isArray(padding)) throw unsupportedLayer(layer, 'has no padding');
  const [top, bottom] = pair(padding[0], 0);
  const [left, right] = pair(padding[1], 0);
  return builder.op('Pad', [inputs()[0], builder.ints([0, 0, top, left, 0, 0, bottom, right])]);
}

function writeRescaling({ builder, config, inputs, layer }: LayerCall): string {
  const { scale, offset } = config;
  if (typeof scale !== 'number' || typeof offset !== 'number') {
    throw unsupportedLayer(layer, 'scales by more than one number');
  }
  const scaled = scale === 1 ? inputs()[0] : builder.op('Mul', [inputs()[0], builder.scalar(scale)]);
  return offset === 0 ? scaled : builder.op('Add', [scaled, builder.scalar(offset)]);
}
