import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, type ArchitectureOptions } from './blocks.ts';
import { IMAGENET } from './channel-normalisation.ts';
import { heFanIn } from './initial-weights.ts';
import { network, type Network } from './network.ts';

/** Layers of the four blocks (table 1). */
const BLOCKS = [6, 12, 24, 16] as const;
const GROWTH = 32;

/**
 * DenseNet-121 (Huang et al., CVPR 2017; growth rate 32, transitions halve the channels) as torchvision has it: 7,978,856
 * trained weights at 1,000 classes.
 */
export function densenet121(options: ArchitectureOptions): LayersModel {
  const net = network(options, { kernels: heFanIn });
  const { image, normalised } = net.input(IMAGENET);
  let x = net.convolution(normalised, 'features.conv0', { filters: 64, size: 7, strides: 2 });
  x = activated(net, x, 'features.norm0');
  // Nothing is below zero here, so that zeros at the border never win.
  x = net.pad(x, 'features.pool0.pad', [1, 1]);
  x = apply(tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name: 'features.pool0' }), x);
  BLOCKS.forEach((depth, block) => {
    for (let index = 1; index <= depth; index++) {
      x = denseLayer(net, x, `features.denseblock${block + 1}.denselayer${index}`);
    }
    if (block < BLOCKS.length - 1) x = transition(net, x, `features.transition${block + 1}`);
  });
  const pooled = net.globalPool(activated(net, x, 'features.norm5'));
  const logits = net.dense(pooled, 'classifier', { units: options.classes });
  return net.finish('densenet121', image, logits);
}

/** A 1x1 convolution to four times the growth, a 3x3 one to the growth, behind what came in. */
function denseLayer(net: Network, x: SymbolicTensor, name: string): SymbolicTensor {
  const narrow = net.convolution(activated(net, x, `${name}.norm1`), `${name}.conv1`, {
    filters: 4 * GROWTH,
    size: 1,
  });
  const grown = net.convolution(activated(net, narrow, `${name}.norm2`), `${name}.conv2`, {
    filters: GROWTH,
    size: 3,
  });
  return apply(tf.layers.concatenate({ name: `${name}.concat` }), [x, grown]);
}

function transition(net: Network, x: SymbolicTensor, name: string): SymbolicTensor {
  const filters = Number(x.shape.at(-1)) / 2;
  const y = net.convolution(activated(net, x, `${name}.norm`), `${name}.conv`, { filters, size: 1 });
  return apply(tf.layers.averagePooling2d({ poolSize: 2, strides: 2, name: `${name}.pool` }), y);
}

function activated(net: Network, x: SymbolicTensor, norm: string): SymbolicTensor {
  return net.relu(net.batchNorm(x, norm), `${norm}.relu`);
}
