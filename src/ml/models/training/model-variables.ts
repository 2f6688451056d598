import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { tf } from '../../runtime/tensorflow.ts';

/** The variables behind a model's `weights` or `trainableWeights`, whose types only promise tensors. */
export function variablesOf(weights: readonly { read(): Tensor }[]): Variable[] {
  return weights.map((weight) => {
    const value: unknown = weight.read();
    if (!isVariable(value)) throw new TypeError('a weight that is not a variable');
    return value;
  });
}

function isVariable(value: unknown): value is Variable {
  return value instanceof tf.Variable;
}
