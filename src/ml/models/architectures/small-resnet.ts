import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, blocks, type ArchitectureOptions } from './blocks.ts';

const STAGES = [16, 32, 64, 96] as const;

/**
 * A residual network with four stages of one basic block (He et al., CVPR 2016, figure 5 left), 16 to 96 channels, and
 * a 3x3 stem of stride 2: 0.22 million weights at five classes.
 */
export function smallResnet(options: ArchitectureOptions): LayersModel {
  const { input, convolution, head } = blocks(options);
  const { image, normalised } = input();
  let x = convolution(normalised, 'stem', { kernelSize: 3, filters: 16, strides: 2 });
  let channels = 16;
  STAGES.forEach((filters, stage) => {
    const name = `stage${stage + 1}`;
    const strides = stage === 0 ? 1 : 2;
    const first = convolution(x, `${name}_a`, { kernelSize: 3, filters, strides });
    const second = convolution(first, `${name}_b`, { kernelSize: 3, filters, activation: 'none' });
    const plain = strides === 1 && filters === channels;
    const shortcut = plain
      ? x
      : convolution(x, `${name}_shortcut`, { kernelSize: 1, filters, strides, activation: 'none' });
    const sum = apply(tf.layers.add({ name: `${name}_add` }), [second, shortcut]);
    x = apply(tf.layers.reLU({ name: `${name}_out` }), sum);
    channels = filters;
  });
  return tf.model({ inputs: image, outputs: head(x), name: 'small_resnet' });
}
