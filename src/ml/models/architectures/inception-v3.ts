import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { Failure } from '../../../shared/failure.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, type ArchitectureOptions } from './blocks.ts';
import { CENTRED } from './channel-normalisation.ts';
import { truncatedNormal } from './initial-weights.ts';
import { network, type Network, type Window } from './network.ts';

const SMALLEST = 75;
/** A convolution with its name within the block. */
type Step = readonly [name: string, window: Window];

/**
 * Inception-v3 (Szegedy et al., CVPR 2016) as torchvision has it without the auxiliary classifier, from 75 px on:
 * 23,834,568 trained weights at 1,000 classes.
 */
export function inceptionV3(options: ArchitectureOptions): LayersModel {
  const { inputSize, classes } = options;
  if (inputSize < SMALLEST) {
    throw new Failure('settings-invalid', `Inception-v3 takes sides of 75 pixels or more, not ${inputSize}`, {
      subject: 'inputSize',
      hint: 'Give a larger --size; 299 is what it was made for.',
    });
  }
  const net = network(options, { kernels: truncatedNormal(0.1), epsilon: 1e-3 });
  const { image, normalised } = net.input(CENTRED);
  let x = chain(net, normalised, '', [
    ['Conv2d_1a_3x3', { filters: 32, size: 3, strides: 2, pad: 0 }],
    ['Conv2d_2a_3x3', { filters: 32, size: 3, pad: 0 }],
    ['Conv2d_2b_3x3', { filters: 64, size: 3 }],
  ]);
  x = chain(net, maxPool(x, 'maxpool1'), '', [
    ['Conv2d_3b_1x1', { filters: 80, size: 1 }],
    ['Conv2d_4a_3x3', { filters: 192, size: 3, pad: 0 }],
  ]);
  x = maxPool(x, 'maxpool2');
  for (const [name, pooled] of [
    ['Mixed_5b', 32],
    ['Mixed_5c', 64],
    ['Mixed_5d', 64],
  ] as const) {
    x = blockA(net, x, name, pooled);
  }
  x = blockB(net, x, 'Mixed_6a');
  for (const [name, width] of [
    ['Mixed_6b', 128],
    ['Mixed_6c', 160],
    ['Mixed_6d', 160],
    ['Mixed_6e', 192],
  ] as const) {
    x = blockC(net, x, name, width);
  }
  x = blockD(net, x, 'Mixed_7a');
  x = blockE(net, x, 'Mixed_7b');
  x = blockE(net, x, 'Mixed_7c');
  const kept = net.dropout(net.globalPool(x), 0.5);
  const logits = net.dense(kept, 'fc', { units: classes, draw: truncatedNormal(0.1) });
  return net.finish('inception_v3', image, logits);
}

function blockA(net: Network, x: SymbolicTensor, name: string, pooled: number): SymbolicTensor {
  return concat(name, [
    chain(net, x, name, [['branch1x1', { filters: 64, size: 1 }]]),
    chain(net, x, name, [
      ['branch5x5_1', { filters: 48, size: 1 }],
      ['branch5x5_2', { filters: 64, size: 5 }],
    ]),
    chain(net, x, name, [
      ['branch3x3dbl_1', { filters: 64, size: 1 }],
      ['branch3x3dbl_2', { filters: 96, size: 3 }],
      ['branch3x3dbl_3', { filters: 96, size: 3 }],
    ]),
    chain(net, neighbours(net, x, name), name, [['branch_pool', { filters: pooled, size: 1 }]]),
  ]);
}

function blockB(net: Network, x: SymbolicTensor, name: string): SymbolicTensor {
  return concat(name, [
    chain(net, x, name, [['branch3x3', { filters: 384, size: 3, strides: 2, pad: 0 }]]),
    chain(net, x, name, [
      ['branch3x3dbl_1', { filters: 64, size: 1 }],
      ['branch3x3dbl_2', { filters: 96, size: 3 }],
      ['branch3x3dbl_3', { filters: 96, size: 3, strides: 2, pad: 0 }],
    ]),
    maxPool(x, `${name}.pool`),
  ]);
}

/** 7x7 as 1x7 and 7x1. */
function blockC(net: Network, x: SymbolicTensor, name: string, width: number): SymbolicTensor {
  return concat(name, [
    chain(net, x, name, [['branch1x1', { filters: 192, size: 1 }]]),
    chain(net, x, name, [
      ['branch7x7_1', { filters: width, size: 1 }],
      ['branch7x7_2', { filters: width, size: [1, 7] }],
      ['branch7x7_3', { filters: 192, size: [7, 1] }],
    ]),
    chain(net, x, name, [
      ['branch7x7dbl_1', { filters: width, size: 1 }],
      ['branch7x7dbl_2', { filters: width, size: [7, 1] }],
      ['branch7x7dbl_3', { filters: width, size: [1, 7] }],
      ['branch7x7dbl_4', { filters: width, size: [7, 1] }],
      ['branch7x7dbl_5', { filters: 192, size: [1, 7] }],
    ]),
    chain(net, neighbours(net, x, name), name, [['branch_pool', { filters: 192, size: 1 }]]),
  ]);
}

function blockD(net: Network, x: SymbolicTensor, name: string): SymbolicTensor {
  return concat(name, [
    chain(net, x, name, [
      ['branch3x3_1', { filters: 192, size: 1 }],
      ['branch3x3_2', { filters: 320, size: 3, strides: 2, pad: 0 }],
    ]),
    chain(net, x, name, [
      ['branch7x7x3_1', { filters: 192, size: 1 }],
      ['branch7x7x3_2', { filters: 192, size: [1, 7] }],
      ['branch7x7x3_3', { filters: 192, size: [7, 1] }],
      ['branch7x7x3_4', { filters: 192, size: 3, strides: 2, pad: 0 }],
    ]),
    maxPool(x, `${name}.pool`),
  ]);
}

function blockE(net: Network, x: SymbolicTensor, name: string): SymbolicTensor {
  const split = chain(net, x, name, [['branch3x3_1', { filters: 384, size: 1 }]]);
  const deep = chain(net, x, name, [
    ['branch3x3dbl_1', { filters: 448, size: 1 }],
    ['branch3x3dbl_2', { filters: 384, size: 3 }],
  ]);
  return concat(name, [
    chain(net, x, name, [['branch1x1', { filters: 320, size: 1 }]]),
    chain(net, split, name, [['branch3x3_2a', { filters: 384, size: [1, 3] }]]),
    chain(net, split, name, [['branch3x3_2b', { filters: 384, size: [3, 1] }]]),
    chain(net, deep, name, [['branch3x3dbl_3a', { filters: 384, size: [1, 3] }]]),
    chain(net, deep, name, [['branch3x3dbl_3b', { filters: 384, size: [3, 1] }]]),
    chain(net, neighbours(net, x, name), name, [['branch_pool', { filters: 192, size: 1 }]]),
  ]);
}

/** Convolution, normalisation and ReLU, one after the other. */
function chain(net: Network, x: SymbolicTensor, block: string, steps: readonly Step[]): SymbolicTensor {
  return steps.reduce((value, [step, window]) => {
    const name = block === '' ? step : `${block}.${step}`;
    const sum = net.convolution(value, `${name}.conv`, window);
    return net.relu(net.batchNorm(sum, `${name}.bn`), `${name}.relu`);
  }, x);
}

/** Mean over 3x3, zeros beyond the border counted, as PyTorch does. */
function neighbours(net: Network, x: SymbolicTensor, name: string): SymbolicTensor {
  const padded = net.pad(x, `${name}.avgpool.pad`, [1, 1]);
  return apply(tf.layers.averagePooling2d({ poolSize: 3, strides: 1, name: `${name}.avgpool` }), padded);
}

function maxPool(x: SymbolicTensor, name: string): SymbolicTensor {
  return apply(tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name }), x);
}

function concat(name: string, parts: SymbolicTensor[]): SymbolicTensor {
  return apply(tf.layers.concatenate({ name: `${name}.concat` }), parts);
}
