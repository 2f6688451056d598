import type { LayersModel } from '@tensorflow/tfjs-layers';
import { encodeGraph } from '../../onnx/encode-graph.ts';
import { GraphBuilder } from '../../onnx/graph-builder.ts';
import { ElementType } from '../../onnx/schema.ts';
import { networkClasses } from './lesion-classes.ts';
import { levelChannels } from './lesion-network.ts';
import { viewChannels } from './network-view.ts';

const opset = 17;

/** Names of the file's input and output. */
export const networkInput = 'view';
export const networkOutput = 'probabilities';

/**
 * The lesion network as an ONNX file: `view` [batch, 6, rows, columns] in, `probabilities` [batch, 5, rows, columns] out, rows
 * and columns multiples of 16. Batch normalisation is folded into the convolutions.
 */
export function exportLesionNetwork(network: LayersModel): Uint8Array {
  const builder = new GraphBuilder(opset, 'n');
  const skips: string[] = [];
  let x = networkInput;
  const step = (name: string): string => builder.op('Relu', [convolution(builder, network, x, name)]);
  for (let level = 0; level < levelChannels.length; level++) {
    if (level > 0) x = builder.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
    x = step(`down${level}a`);
    x = step(`down${level}b`);
    skips.push(x);
  }
  for (let level = levelChannels.length - 2; level >= 0; level--) {
    x = step(`narrow${level}`);
    const scales = builder.floats([4], Float32Array.of(1, 1, 2, 2));
    const larger = builder.op('Resize', [x, '', scales], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
    x = builder.op('Add', [larger, skips[level]]);
    x = step(`up${level}`);
  }
  builder.op('Sigmoid', [convolution(builder, network, x, 'maps')], {}, networkOutput);
  const float32 = ElementType.float32;
  builder.inputs.push({
    name: networkInput,
    type: float32,
    dims: ['batch', viewChannels, 'rows', 'columns'],
  });
  builder.outputs.push({
    name: networkOutput,
    type: float32,
    dims: ['batch', networkClasses.length, 'rows', 'columns'],
  });
  return encodeGraph(builder.graph());
}

/** One convolution with its normalisation (or its bias) folded in. */
function convolution(builder: GraphBuilder, network: LayersModel, x: string, name: string): string {
  const kernel = weight(network, name, 'kernel');
  const [rows, columns, inputs, outputs] = kernel.shape;
  const { scale, shift } = affineOf(network, name, outputs);
  const values = new Float32Array(kernel.values.length);
  // TensorFlow: [rows, columns, inputs, outputs]; ONNX: [outputs, inputs, rows, columns].
  for (let place = 0; place < rows * columns; place++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        values[(o * inputs + i) * rows * columns + place] =
          kernel.values[(place * inputs + i) * outputs + o] * scale[o];
      }
    }
  }
  const pad = (rows - 1) / 2;
  return builder.op(
    'Conv',
    [x, builder.floats([outputs, inputs, rows, columns], values), builder.floats([outputs], shift)],
    { kernel_shape: [rows, columns], pads: [pad, pad, pad, pad] },
  );
}

function affineOf(
  network: LayersModel,
  name: string,
  outputs: number,
): { scale: Float32Array; shift: Float32Array } {
  if (!network.layers.some((layer) => layer.name === `${name}_bn`)) {
    return { scale: new Float32Array(outputs).fill(1), shift: weight(network, name, 'bias').values };
  }
  const epsilon = Number(network.getLayer(`${name}_bn`).getConfig()['epsilon']);
  const read = (part: string): Float32Array => weight(network, `${name}_bn`, part).values;
  const [gamma, beta, mean, variance] = [
    read('gamma'),
    read('beta'),
    read('moving_mean'),
    read('moving_variance'),
  ];
  const scale = Float32Array.from(gamma, (value, o) => value / Math.sqrt(variance[o] + epsilon));
  return { scale, shift: Float32Array.from(beta, (value, o) => value - mean[o] * scale[o]) };
}

function weight(
  network: LayersModel,
  layer: string,
  part: string,
): { shape: number[]; values: Float32Array } {
  const found = network.getLayer(layer).weights.find((each) => each.originalName.split('/').at(-1) === part);
  if (found === undefined) throw new RangeError(`the network has no weight ${layer}/${part}`);
  const tensor = found.read();
  return { shape: tensor.shape, values: tensor.dataSync<'float32'>() };
}
