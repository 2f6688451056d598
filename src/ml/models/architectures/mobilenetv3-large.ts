import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, type ArchitectureOptions } from './blocks.ts';
import { IMAGENET } from './channel-normalisation.ts';
import { HardSigmoid, HardSwish } from './hard-activations.ts';
import { heFanOut, normal } from './initial-weights.ts';
import { network, type Network } from './network.ts';
import { squeezeExcitation } from './squeeze-excitation.ts';

/** Kernel, expanded channels, channels, squeeze-and-excitation, hard-swish, stride (table 1). */
const BLOCKS = [
  [3, 16, 16, false, false, 1],
  [3, 64, 24, false, false, 2],
  [3, 72, 24, false, false, 1],
  [5, 72, 40, true, false, 2],
  [5, 120, 40, true, false, 1],
  [5, 120, 40, true, false, 1],
  [3, 240, 80, false, true, 2],
  [3, 200, 80, false, true, 1],
  [3, 184, 80, false, true, 1],
  [3, 184, 80, false, true, 1],
  [3, 480, 112, true, true, 1],
  [3, 672, 112, true, true, 1],
  [5, 672, 160, true, true, 2],
  [5, 960, 160, true, true, 1],
  [5, 960, 160, true, true, 1],
] as const;

/** MobileNetV3-large (Howard et al., ICCV 2019) as torchvision has it: 5,483,032 trained weights at 1,000 classes. */
export function mobilenetV3Large(options: ArchitectureOptions): LayersModel {
  const net = network(options, { kernels: heFanOut, epsilon: 1e-3, momentum: 0.99 });
  const { image, normalised } = net.input(IMAGENET);
  let x = net.convolution(normalised, 'features.0.0', { filters: 16, size: 3, strides: 2 });
  x = hardSwish(net.batchNorm(x, 'features.0.1'), 'features.0.2');
  BLOCKS.forEach((block, index) => (x = invertedResidual(net, x, `features.${index + 1}.block`, block)));
  x = net.convolution(x, 'features.16.0', { filters: 960, size: 1 });
  x = hardSwish(net.batchNorm(x, 'features.16.1'), 'features.16.2');
  const hidden = net.dense(net.globalPool(x), 'classifier.0', { units: 1280, draw: normal(0.01) });
  const kept = net.dropout(hardSwish(hidden, 'classifier.1'), 0.2, 'classifier.2');
  const logits = net.dense(kept, 'classifier.3', { units: options.classes, draw: normal(0.01) });
  return net.finish('mobilenet_v3_large', image, logits);
}

function invertedResidual(
  net: Network,
  x: SymbolicTensor,
  name: string,
  [size, expanded, filters, squeezed, swish, strides]: (typeof BLOCKS)[number],
): SymbolicTensor {
  const channels = Number(x.shape.at(-1));
  const activation = swish ? hardSwish : (y: SymbolicTensor, layer: string) => net.relu(y, layer);
  let y = x;
  let part = 0;
  if (expanded !== channels) {
    y = net.convolution(y, `${name}.${part}.0`, { filters: expanded, size: 1 });
    y = activation(net.batchNorm(y, `${name}.${part}.1`), `${name}.${part}.2`);
    part += 1;
  }
  y = net.depthwise(y, `${name}.${part}.0`, { size, strides });
  y = activation(net.batchNorm(y, `${name}.${part}.1`), `${name}.${part}.2`);
  part += 1;
  if (squeezed) {
    y = squeezeExcitation(net, y, `${name}.${part}`, {
      hidden: divisibleBy8(expanded / 4),
      inner: (row, layer) => net.relu(row, layer),
      gate: (row, layer) => apply(new HardSigmoid({ name: layer }), row),
    });
    part += 1;
  }
  y = net.convolution(y, `${name}.${part}.0`, { filters, size: 1 });
  y = net.batchNorm(y, `${name}.${part}.1`);
  const same = strides === 1 && channels === filters;
  return same ? apply(tf.layers.add({ name: `${name}.add` }), [x, y]) : y;
}

function hardSwish(x: SymbolicTensor, name: string): SymbolicTensor {
  return apply(new HardSwish({ name }), x);
}

/** The nearest multiple of 8, but never less than 90 % (the authors' rule). */
function divisibleBy8(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}
