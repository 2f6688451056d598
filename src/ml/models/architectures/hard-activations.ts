import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../../runtime/tensorflow.ts';
import { only } from './layer-config.ts';

/** relu6(x + 3) / 6 (Howard et al., ICCV 2019); Keras' own hard sigmoid has the slope 0.2. It has no weights. */
export class HardSigmoid extends tf.layers.Layer {
  static readonly className: string = 'HardSigmoid6';

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => hardSigmoid(only(inputs)));
  }

  override computeOutputShape(shape: (number | null)[]): (number | null)[] {
    return shape;
  }
}

/** x relu6(x + 3) / 6, the hard-swish of MobileNetV3. It has no weights. */
export class HardSwish extends HardSigmoid {
  static override readonly className = 'HardSwish6';

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = only(inputs);
    return tf.tidy(() => tf.mul(x, hardSigmoid(x)));
  }
}

function hardSigmoid(x: Tensor): Tensor {
  return tf.div(tf.relu6(tf.add(x, 3)), 6);
}
