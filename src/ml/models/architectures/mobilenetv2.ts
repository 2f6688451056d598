import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, type ArchitectureOptions } from './blocks.ts';
import { IMAGENET } from './channel-normalisation.ts';
import { heFanOut, normal } from './initial-weights.ts';
import { network, type Network } from './network.ts';

/** Expansion, channels, repeats and first stride of the inverted residuals (Sandler et al., table 2). */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/**
 * MobileNetV2 at width 1 (Sandler et al., CVPR 2018): 3,504,872 trained weights at 1,000 classes. Layer names, padding (an
 * odd pixel behind) and batch normalisation are those of Keras, so that its weights fit by name. Takes RGB in [0, 1] as it
 * is, like the bundled trunk.
 */
export function mobilenetV2(options: ArchitectureOptions): LayersModel {
  return build(options, KERAS);
}

/** The same network with torchvision's names, padding (alike on both sides), batch normalisation and ImageNet statistics. */
export function mobilenetV2Torch(options: ArchitectureOptions): LayersModel {
  return build(options, TORCH);
}

type Part = 'expand' | 'depthwise' | 'project';

/** Where the two libraries' MobileNetV2 differ. */
interface Convention {
  readonly name: string;
  readonly torch: boolean;
  /** Names of convolution, normalisation and activation; blocks count from 0. */
  readonly stem: readonly [string, string, string];
  readonly last: readonly [string, string, string];
  readonly block: (index: number, part: Part) => readonly [string, string, string];
  readonly logits: string;
}

const KERAS: Convention = {
  name: 'mobilenetv2',
  torch: false,
  stem: ['Conv1', 'bn_Conv1', 'Conv1_relu'],
  last: ['Conv_1', 'Conv_1_bn', 'out_relu'],
  block: (index, part) => {
    const name = `${index === 0 ? 'expanded_conv' : `block_${index}`}_${part}`;
    return [name, `${name}_BN`, `${name}_relu`];
  },
  logits: 'logits',
};

const TORCH: Convention = {
  name: 'mobilenetv2_torch',
  torch: true,
  stem: ['features.0.0', 'features.0.1', 'features.0.2'],
  last: ['features.18.0', 'features.18.1', 'features.18.2'],
  block: (index, part) => {
    // The first block has no expansion, so that its parts stand one earlier.
    const first = index === 0 ? 0 : 1;
    const name = `features.${index + 1}.conv`;
    if (part === 'project') return [`${name}.${first + 1}`, `${name}.${first + 2}`, ''];
    const unit = `${name}.${part === 'expand' ? 0 : first}`;
    return [`${unit}.0`, `${unit}.1`, `${unit}.2`];
  },
  logits: 'classifier.1',
};

function build(options: ArchitectureOptions, convention: Convention): LayersModel {
  const { torch, stem, last, logits } = convention;
  const net = network(options, { kernels: heFanOut, epsilon: torch ? 1e-5 : 1e-3 });
  const { image, normalised } = net.input(torch ? IMAGENET : undefined);
  const pad = torch ? {} : ({ pad: 'same' } as const);
  let x = net.convolution(normalised, stem[0], { filters: 32, size: 3, strides: 2, ...pad });
  x = net.relu(net.batchNorm(x, stem[1]), stem[2], 6);
  let index = 0;
  for (const [expansion, filters, repeats, firstStrides] of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const shape = { expansion, filters, strides: repeat === 0 ? firstStrides : 1, ...pad };
      const position = index;
      x = invertedResidual(net, x, (part) => convention.block(position, part), shape);
      index += 1;
    }
  }
  x = net.convolution(x, last[0], { filters: 1280, size: 1 });
  x = net.relu(net.batchNorm(x, last[1]), last[2], 6);
  const pooled = net.dropout(net.globalPool(x), 0.2);
  const scores = net.dense(pooled, logits, { units: options.classes, draw: normal(0.01) });
  return net.finish(convention.name, image, scores);
}

interface Shape {
  readonly expansion: number;
  readonly filters: number;
  readonly strides: number;
  readonly pad?: 'same';
}

function invertedResidual(
  net: Network,
  x: SymbolicTensor,
  names: (part: Part) => readonly [string, string, string],
  { expansion, filters, strides, ...pad }: Shape,
): SymbolicTensor {
  const channels = Number(x.shape.at(-1));
  let y = x;
  if (expansion > 1) {
    const [convolution, norm, relu] = names('expand');
    y = net.convolution(y, convolution, { filters: channels * expansion, size: 1 });
    y = net.relu(net.batchNorm(y, norm), relu, 6);
  }
  const [depthwise, depthwiseNorm, relu] = names('depthwise');
  y = net.depthwise(y, depthwise, { size: 3, strides, ...pad });
  y = net.relu(net.batchNorm(y, depthwiseNorm), relu, 6);
  const [project, projectNorm] = names('project');
  y = net.batchNorm(net.convolution(y, project, { filters, size: 1 }), projectNorm);
  const same = strides === 1 && channels === filters;
  return same ? apply(tf.layers.add({ name: `${project}_add` }), [x, y]) : y;
}
