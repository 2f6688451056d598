import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { writeActivation } from './activations.ts';
import {
  configOf,
  imageShape,
  pair,
  requireChannelsLast,
  requiredWeight,
  unsupportedLayer,
  weightOf,
  type Layer,
  type LayerCall,
} from './layer-call.ts';
import { windowPads } from './padding.ts';

/** A number a channel to multiply by, and one to add. */
interface ChannelAffine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** Conv2D, DepthwiseConv2D and SeparableConv2D. `then` is applied to the sum before the activation. */
export function writeConvolution(call: LayerCall, then?: ChannelAffine): string {
  requireChannelsLast(call);
  const { builder, layer, config, value } = call;
  const sum = writeSum(call, call.inputs()[0], value.inputs[0], then);
  return writeActivation(builder, config['activation'], sum, layer, 1);
}

export function isConvolution(layer: Layer): boolean {
  return ['Conv2D', 'DepthwiseConv2D', 'SeparableConv2D'].includes(layer.getClassName());
}

/** BatchNormalization; merged into the convolution before it where only this layer reads that convolution. */
export function writeBatchNorm(call: LayerCall): string {
  const { builder, layer, config, value } = call;
  const [input] = value.inputs;
  const axis = Number(config['axis']);
  if (axis !== -1 && axis !== input.shape.length - 1)
    throw unsupportedLayer(layer, `normalises axis ${axis}`);
  const affine = inferenceAffine(layer, config);
  const source = input.sourceLayer;
  const activation = configOf(source)['activation'] ?? 'linear';
  if (isConvolution(source) && activation === 'linear' && call.foldable(input)) {
    const inputs = (): string[] => input.inputs.map((each) => call.nameOf(each));
    return writeConvolution(
      { ...call, layer: source, config: configOf(source), value: input, inputs },
      affine,
    );
  }
  const dims = input.shape.length === 4 ? [1, affine.scale.length, 1, 1] : [affine.scale.length];
  const scaled = builder.op('Mul', [call.inputs()[0], builder.floats(dims, Float32Array.from(affine.scale))]);
  return builder.op('Add', [scaled, builder.floats(dims, Float32Array.from(affine.shift))]);
}

/** y = scale x + shift of a normalisation with its moving statistics. */
function inferenceAffine(layer: Layer, config: Readonly<Record<string, unknown>>): ChannelAffine {
  const mean = requiredWeight(layer, 'moving_mean').values;
  const variance = requiredWeight(layer, 'moving_variance').values;
  const gamma = weightOf(layer, 'gamma')?.values;
  const beta = weightOf(layer, 'beta')?.values;
  const epsilon = Number(config['epsilon']);
  const scale = Float64Array.from(variance, (v, c) => (gamma?.[c] ?? 1) / Math.sqrt(v + epsilon));
  const shift = Float64Array.from(mean, (m, c) => (beta?.[c] ?? 0) - m * scale[c]);
  return { scale, shift };
}

function writeSum(
  call: LayerCall,
  x: string,
  input: SymbolicTensor,
  then: ChannelAffine | undefined,
): string {
  const { layer } = call;
  const bias = weightOf(layer, 'bias')?.values;
  switch (layer.getClassName()) {
    case 'Conv2D':
      return writeConv(call, x, input, requiredWeight(layer, 'kernel'), { depthwise: false, bias, then });
    case 'DepthwiseConv2D':
      return writeConv(call, x, input, requiredWeight(layer, 'depthwise_kernel'), {
        depthwise: true,
        bias,
        then,
      });
    default: {
      const spatial = requiredWeight(layer, 'depthwise_kernel');
      const spread = writeConv(call, x, input, spatial, { depthwise: true });
      const mixing = requiredWeight(layer, 'pointwise_kernel');
      return writeConv(call, spread, undefined, mixing, { depthwise: false, bias, then });
    }
  }
}

/** One Conv node. Without `input` it is a plain 1x1 convolution, the second half of a separable one. */
function writeConv(
  { builder, config, layer }: LayerCall,
  x: string,
  input: SymbolicTensor | undefined,
  kernel: { shape: number[]; values: Float32Array },
  options: { depthwise: boolean; bias?: Float32Array | undefined; then?: ChannelAffine | undefined },
): string {
  const [rows, columns, inputs, last] = kernel.shape;
  const outputs = options.depthwise ? inputs * last : last;
  const affine = options.then;
  const weights = new Float32Array(kernel.values.length);
  // TensorFlow: [rows, columns, inputs, outputs]; ONNX: [outputs, inputs (1 if depthwise), rows, columns].
  const perOutput = options.depthwise ? 1 : inputs;
  for (let place = 0; place < rows * columns; place++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < last; o++) {
        const output = options.depthwise ? i * last + o : o;
        const within = options.depthwise ? 0 : i;
        weights[(output * perOutput + within) * rows * columns + place] =
          kernel.values[(place * inputs + i) * last + o] * (affine?.scale[output] ?? 1);
      }
    }
  }
  const parameters = [x, builder.floats([outputs, perOutput, rows, columns], weights)];
  if (options.bias !== undefined || affine !== undefined) {
    const bias = Float32Array.from({ length: outputs }, (_, o) => {
      return (options.bias?.[o] ?? 0) * (affine?.scale[o] ?? 1) + (affine?.shift[o] ?? 0);
    });
    parameters.push(builder.floats([outputs], bias));
  }
  const strides = input === undefined ? ([1, 1] as const) : pair(config['strides'], 1);
  const dilations = input === undefined ? ([1, 1] as const) : pair(config['dilationRate'], 1);
  const pads =
    input === undefined
      ? [0, 0, 0, 0]
      : windowPads(config['padding'], rowsAndColumns(layer, input), [rows, columns], strides, dilations);
  return builder.op('Conv', parameters, {
    kernel_shape: [rows, columns],
    strides,
    dilations,
    pads,
    group: options.depthwise ? inputs : 1,
  });
}

function rowsAndColumns(layer: Layer, input: SymbolicTensor): readonly [number, number] {
  const [rows, columns] = imageShape(layer, input);
  return [rows, columns];
}
