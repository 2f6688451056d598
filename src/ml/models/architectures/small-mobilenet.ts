import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, blocks, type ArchitectureOptions } from './blocks.ts';

/** Expansion, channels and stride of every inverted residual. */
const BODY = [
  [1, 16, 1],
  [3, 24, 2],
  [3, 24, 1],
  [4, 40, 2],
  [4, 40, 1],
  [4, 64, 2],
  [4, 64, 1],
] as const;

/**
 * A small MobileNetV2 (Sandler et al., CVPR 2018): inverted residuals with linear bottlenecks, ReLU6, a 1x1 convolution
 * to 160 channels before the pooled linear head: 0.10 million weights at five classes.
 */
export function smallMobilenet(options: ArchitectureOptions): LayersModel {
  const { input, convolution, depthwise, head } = blocks(options);
  const { image, normalised } = input();
  let x = convolution(normalised, 'stem', { kernelSize: 3, filters: 16, strides: 2, activation: 'relu6' });
  let channels: number = 16;
  BODY.forEach(([expansion, filters, strides], index) => {
    const name = `block${index + 1}`;
    const entry: SymbolicTensor = x;
    if (expansion > 1) {
      x = convolution(x, `${name}_expand`, {
        kernelSize: 1,
        filters: channels * expansion,
        activation: 'relu6',
      });
    }
    x = depthwise(x, `${name}_depthwise`, { kernelSize: 3, strides, activation: 'relu6' });
    x = convolution(x, `${name}_project`, { kernelSize: 1, filters, activation: 'none' });
    if (strides === 1 && filters === channels) {
      x = apply(tf.layers.add({ name: `${name}_add` }), [x, entry]);
    }
    channels = filters;
  });
  x = convolution(x, 'last', { kernelSize: 1, filters: 160, activation: 'relu6' });
  return tf.model({ inputs: image, outputs: head(x), name: 'small_mobilenet' });
}
