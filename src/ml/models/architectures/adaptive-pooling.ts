import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../../runtime/tensorflow.ts';
import { only, type LayerConfig } from './layer-config.ts';

/** Means over `side` x `side` windows of near equal size that cover the input, PyTorch's AdaptiveAvgPool2d. No weights. */
export class AdaptivePooling extends tf.layers.Layer {
  static readonly className = 'AdaptivePooling';
  readonly #side: number;

  constructor(config: { side: number; name?: string }) {
    super(config);
    this.#side = config.side;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = only(inputs);
    const [batch, rows, columns, channels] = x.shape;
    const side = this.#side;
    return tf.tidy(() => {
      const lines = tf.reshape(x, [batch, rows, columns * channels]);
      const pooledRows = tf.matMul(tf.tensor3d([adaptiveMeans(rows, side)]), lines);
      const cells = tf.reshape(pooledRows, [batch * side, columns, channels]);
      const pooled = tf.matMul(tf.tensor3d([adaptiveMeans(columns, side)]), cells);
      return tf.reshape(pooled, [batch, side, side, channels]);
    });
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return [shape[0], this.#side, this.#side, shape[3]];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), side: this.#side };
  }
}

/** [outputs, inputs] matrix of the means: window i runs from floor(i n / m) to ceil((i + 1) n / m). */
export function adaptiveMeans(inputs: number, outputs: number): number[][] {
  return Array.from({ length: outputs }, (_, i) => {
    const start = Math.floor((i * inputs) / outputs);
    const end = Math.ceil(((i + 1) * inputs) / outputs);
    return Array.from({ length: inputs }, (_unused, j) => (j >= start && j < end ? 1 / (end - start) : 0));
  });
}
