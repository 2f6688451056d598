import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, type ArchitectureOptions } from './blocks.ts';
import { IMAGENET } from './channel-normalisation.ts';
import { heFanOut, leCunUniform } from './initial-weights.ts';
import { network, type Network } from './network.ts';

export interface ResidualPlan {
  readonly name: string;
  /** Blocks of the four stages. */
  readonly blocks: readonly [number, number, number, number];
  readonly block: ResidualBlock;
  /**
   * The stem for small images: one 3x3 convolution of stride 1, no pooling, and images taken in [0, 1] as they are, which
   * is how adversarial training takes them.
   */
  readonly small?: boolean;
}

export type ResidualBlock = (
  net: Network,
  x: SymbolicTensor,
  name: string,
  shape: { readonly width: number; readonly strides: number },
) => SymbolicTensor;

/** Residual networks, He et al., CVPR 2016, with the layer names and padding of torchvision. */
export function residualNetwork(options: ArchitectureOptions, plan: ResidualPlan): LayersModel {
  const { name, blocks, block, small = false } = plan;
  const net = network(options, { kernels: heFanOut });
  const { image, normalised } = net.input(small ? undefined : IMAGENET);
  const stem = small ? { filters: 64, size: 3 } : { filters: 64, size: 7, strides: 2 };
  let x = net.convolution(normalised, 'conv1', stem);
  x = net.relu(net.batchNorm(x, 'bn1'), 'relu');
  if (!small) {
    // Nothing is below zero here, so that zeros at the border never win.
    const padded = net.pad(x, 'maxpool.pad', [1, 1]);
    x = apply(tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name: 'maxpool' }), padded);
  }
  blocks.forEach((count, stage) => {
    for (let index = 0; index < count; index++) {
      const strides = stage > 0 && index === 0 ? 2 : 1;
      x = block(net, x, `layer${stage + 1}.${index}`, { width: 64 * 2 ** stage, strides });
    }
  });
  const logits = net.dense(net.globalPool(x), 'fc', {
    units: options.classes,
    draw: leCunUniform,
    drawBias: leCunUniform,
  });
  return net.finish(name, image, logits);
}

/** Figure 5, left. */
export const basicBlock: ResidualBlock = (net, x, name, { width: filters, strides }) => {
  let y = net.convolution(x, `${name}.conv1`, { filters, size: 3, strides });
  y = net.relu(net.batchNorm(y, `${name}.bn1`), `${name}.relu1`);
  y = net.batchNorm(net.convolution(y, `${name}.conv2`, { filters, size: 3 }), `${name}.bn2`);
  return join(net, y, shortcut(net, x, name, { filters, strides }), name);
};

/** Figure 5, right. */
export const bottleneck: ResidualBlock = (net, x, name, { width, strides }) => {
  const filters = 4 * width;
  let y = net.convolution(x, `${name}.conv1`, { filters: width, size: 1 });
  y = net.relu(net.batchNorm(y, `${name}.bn1`), `${name}.relu1`);
  y = net.convolution(y, `${name}.conv2`, { filters: width, size: 3, strides });
  y = net.relu(net.batchNorm(y, `${name}.bn2`), `${name}.relu2`);
  y = net.batchNorm(net.convolution(y, `${name}.conv3`, { filters, size: 1 }), `${name}.bn3`);
  return join(net, y, shortcut(net, x, name, { filters, strides }), name);
};

/** The block's input; where its shape changes, through a 1x1 convolution. */
function shortcut(
  net: Network,
  x: SymbolicTensor,
  name: string,
  { filters, strides }: { filters: number; strides: number },
): SymbolicTensor {
  if (strides === 1 && x.shape.at(-1) === filters) return x;
  const y = net.convolution(x, `${name}.downsample.0`, { filters, size: 1, strides });
  return net.batchNorm(y, `${name}.downsample.1`);
}

function join(net: Network, y: SymbolicTensor, entry: SymbolicTensor, name: string): SymbolicTensor {
  return net.relu(apply(tf.layers.add({ name: `${name}.add` }), [y, entry]), `${name}.relu`);
}
