import type { Tensor } from '@tensorflow/tfjs-core';
import type { tf } from '../../runtime/tensorflow.ts';

/** What `getConfig` of a layer returns, a type that TensorFlow.js does not export. */
export type LayerConfig = ReturnType<InstanceType<typeof tf.layers.Layer>['getConfig']>;

/** The one input of a layer's `call`. */
export function only(inputs: Tensor | Tensor[]): Tensor {
  return Array.isArray(inputs) ? inputs[0] : inputs;
}
