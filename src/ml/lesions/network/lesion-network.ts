import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { deriveSeed } from '../../random.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { networkClasses } from './lesion-classes.ts';
import { viewChannels } from './network-view.ts';

/** Channels of the levels, from full resolution down to a sixteenth. */
export const levelChannels = [12, 24, 48, 64, 96] as const;

/** Sides of pictures must be multiples of this. */
export const sideStep = 2 ** (levelChannels.length - 1);

/** Marked pixels are rare: every map starts at a probability of 2 %. */
const prior = Math.log(0.02 / 0.98);
const normalisation = { momentum: 0.95, epsilon: 1e-3 };

/**
 * A U-Net (Ronneberger et al., MICCAI 2015) with a light encoder of two 3x3 convolutions a level, and sums instead of
 * concatenations on the way up: 0.25 million weights. Takes views [n, rows, columns, 6] (network-view.ts) of any size in
 * multiples of 16 and puts out logits [n, rows, columns, 5] in the order of `networkClasses`. The first level works at full resolution,
 * where a microaneurysm is two to five pixels wide.
 */
export function lesionNetwork(seed: number): LayersModel {
  const input = tf.input({ shape: [null, null, viewChannels], name: 'view' });
  const skips: SymbolicTensor[] = [];
  let x: SymbolicTensor = input;
  levelChannels.forEach((filters, level) => {
    if (level > 0) x = apply(tf.layers.maxPooling2d({ poolSize: 2, strides: 2, name: `pool${level}` }), x);
    x = convolution(x, `down${level}a`, filters, 3, seed);
    x = convolution(x, `down${level}b`, filters, 3, seed);
    skips.push(x);
  });
  for (let level = levelChannels.length - 2; level >= 0; level--) {
    const filters = levelChannels[level];
    const narrowed = convolution(x, `narrow${level}`, filters, 1, seed);
    const larger = apply(tf.layers.upSampling2d({ size: [2, 2], name: `grow${level}` }), narrowed);
    const sum = apply(tf.layers.add({ name: `join${level}` }), [larger, skips[level]]);
    x = convolution(sum, `up${level}`, filters, 3, seed);
  }
  const maps = tf.layers.conv2d({
    name: 'maps',
    filters: networkClasses.length,
    kernelSize: 1,
    kernelInitializer: tf.initializers.glorotNormal({ seed: deriveSeed(seed, 'maps') }),
    biasInitializer: tf.initializers.constant({ value: prior }),
  });
  return tf.model({ inputs: input, outputs: apply(maps, x), name: 'lesion_network' });
}

/** Convolution, batch normalisation, rectifier; He initialisation. */
function convolution(
  x: SymbolicTensor,
  name: string,
  filters: number,
  kernelSize: number,
  seed: number,
): SymbolicTensor {
  const kernelInitializer = tf.initializers.heNormal({ seed: deriveSeed(seed, name) });
  const layer = tf.layers.conv2d({
    name,
    filters,
    kernelSize,
    padding: 'same',
    useBias: false,
    kernelInitializer,
  });
  const summed = apply(layer, x);
  const normalised = apply(tf.layers.batchNormalization({ ...normalisation, name: `${name}_bn` }), summed);
  return apply(tf.layers.reLU({ name: `${name}_relu` }), normalised);
}

function apply(
  layer: { apply(x: SymbolicTensor | SymbolicTensor[]): unknown },
  x: SymbolicTensor | SymbolicTensor[],
): SymbolicTensor {
  return layer.apply(x) as SymbolicTensor;
}
