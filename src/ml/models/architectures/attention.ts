import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { only, type LayerConfig } from './layer-config.ts';

/** Puts a learned class token before the tokens and adds learned positions: [batch, n, width] to [batch, n + 1, width]. */
export class TokenEmbedding extends tf.layers.Layer {
  static readonly className = 'TokenEmbedding';
  #token: LayerVariable | undefined;
  #positions: LayerVariable | undefined;

  override build(shape: (number | null)[]): void {
    const [, tokens, width] = shape.map(Number);
    const zeros = tf.initializers.zeros();
    this.#token = this.addWeight('cls_token', [1, 1, width], 'float32', zeros);
    this.#positions = this.addWeight('pos_embed', [1, tokens + 1, width], 'float32', zeros);
    super.build(shape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = only(inputs) as Tensor3D;
    const [token, positions] = [this.#token?.read(), this.#positions?.read()];
    if (token === undefined || positions === undefined) throw new Error(`${this.name} was not built`);
    return tf.tidy(() => {
      const tokens = tf.tile(token as Tensor3D, [x.shape[0], 1, 1]);
      return tf.add(tf.concat([tokens, x], 1), positions);
    });
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return [shape[0], Number(shape[1]) + 1, shape[2]];
  }
}

/**
 * Multi-head scaled dot-product attention (Vaswani et al., 2017) over queries, keys and values that lie behind each
 * other: [batch, n, 3 width] to [batch, n, width]. It has no weights: the projections are dense layers around it.
 */
export class SelfAttention extends tf.layers.Layer {
  static readonly className = 'SelfAttention';
  readonly #heads: number;

  constructor(config: { heads: number; name?: string }) {
    super(config);
    this.#heads = config.heads;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = only(inputs);
    const [batch, n, triple] = x.shape;
    const width = triple / 3;
    const depth = width / this.#heads;
    return tf.tidy(() => {
      const heads = tf.split(x, 3, 2).map((part) => {
        const split = tf.reshape(part, [batch, n, this.#heads, depth]);
        return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [batch * this.#heads, n, depth]);
      });
      const [queries, keys, values] = heads;
      const scores = tf.matMul(tf.mul(queries, 1 / Math.sqrt(depth)), keys, false, true);
      const mixed = tf.reshape(tf.matMul(tf.softmax(scores), values), [batch, this.#heads, n, depth]);
      return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batch, n, width]);
    });
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return [shape[0], shape[1], Number(shape[2]) / 3];
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), heads: this.#heads };
  }
}
