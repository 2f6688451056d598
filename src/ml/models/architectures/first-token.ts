import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { tf } from '../../runtime/tensorflow.ts';
import { only } from './layer-config.ts';

/** The class token: [batch, n, width] to [batch, width]. It has no weights. */
export class FirstToken extends tf.layers.Layer {
  static readonly className = 'FirstToken';

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = only(inputs) as Tensor3D;
    const [batch, , width] = x.shape;
    return tf.tidy(() => tf.reshape(tf.slice(x, [0, 0, 0], [batch, 1, width]), [batch, width]));
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return [shape[0], shape[2]];
  }
}
