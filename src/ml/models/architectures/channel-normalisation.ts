import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../../runtime/tensorflow.ts';
import { only, type LayerConfig } from './layer-config.ts';

export interface ChannelStatistics {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Of the ImageNet training images in [0, 1], as every torchvision model takes them. */
export const IMAGENET: ChannelStatistics = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};

/** [0, 1] becomes [-1, 1]. */
export const CENTRED: ChannelStatistics = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

/** (x - mean) / deviation with one number a channel; keeps the shape. It has no weights. */
export class ChannelNormalisation extends tf.layers.Layer {
  static readonly className = 'ChannelNormalisation';
  readonly #statistics: ChannelStatistics;

  constructor(config: ChannelStatistics & { name?: string }) {
    super(config);
    this.#statistics = { mean: config.mean, deviation: config.deviation };
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const { mean, deviation } = this.#statistics;
    return tf.tidy(() => tf.div(tf.sub(only(inputs), [...mean]), [...deviation]));
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return shape;
  }

  override getConfig(): LayerConfig {
    const { mean, deviation } = this.#statistics;
    return { ...super.getConfig(), mean: [...mean], deviation: [...deviation] };
  }
}
