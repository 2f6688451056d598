import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, blocks, type ArchitectureOptions } from './blocks.ts';

/** Channels of the convolutions between two poolings. */
const STAGES = [[16, 24], [40, 40], [64, 64], [96]] as const;

/**
 * A plain network of 3x3 convolutions and 2x2 max pooling (Simonyan & Zisserman, ICLR 2015) with batch normalisation
 * and a pooled linear head: 0.15 million weights at five classes. The first convolution has stride 2, which takes the place
 * of the first stage at full resolution.
 */
export function smallVgg(options: ArchitectureOptions): LayersModel {
  const { input, convolution, head } = blocks(options);
  const { image, normalised } = input();
  let x = normalised;
  STAGES.forEach((stage, s) => {
    stage.forEach((filters, c) => {
      const strides = s === 0 && c === 0 ? 2 : 1;
      x = convolution(x, `conv${s + 1}_${c + 1}`, { kernelSize: 3, filters, strides });
    });
    const last = s === STAGES.length - 1;
    if (!last) x = apply(tf.layers.maxPooling2d({ poolSize: 2, name: `pool${s + 1}` }), x);
  });
  return tf.model({ inputs: image, outputs: head(x), name: 'small_vgg' });
}
