import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { variablesOf } from './model-variables.ts';

/** A smoothed copy of a model's weights, which usually classifies better than the last step's. */
export interface WeightAverage {
  /** Follows the model's present weights. */
  update(): void;
  /** Runs `use` with the averaged weights in the model, then puts the trained ones back. */
  during<T>(use: () => Promise<T>): Promise<T>;
  /** Makes the averaged weights the model's own. */
  adopt(): void;
  readonly state: Readonly<Record<string, Variable>>;
  updates: number;
  dispose(): void;
}

/**
 * Exponential moving average of all weights (moving statistics of normalisations too). Early on, when few updates have
 * been made, the decay is lowered to (1 + n) / (10 + n), as in TensorFlow's ExponentialMovingAverage.
 */
export function averageWeights(model: LayersModel, decay: number): WeightAverage {
  const live = variablesOf(model.weights);
  const averages = live.map((variable) => {
    const copy = variable.clone();
    const average = tf.variable(copy, false);
    copy.dispose();
    return average;
  });
  const assignAll = (from: readonly Tensor[]): void =>
    tf.tidy(() => live.forEach((variable, i) => variable.assign(from[i])));

  const result: WeightAverage = {
    updates: 0,
    state: Object.fromEntries(averages.map((average, i) => [`${i}`, average])),
    update: () => {
      const n = result.updates++;
      tf.tidy(() => {
        const rate = tf.scalar(1 - Math.min(decay, (1 + n) / (10 + n)));
        averages.forEach((average, i) => {
          average.assign(tf.add(average, tf.mul(rate, tf.sub(live[i], average))));
        });
      });
    },
    during: async (use) => {
      const trained = live.map((variable) => variable.clone());
      assignAll(averages);
      try {
        return await use();
      } finally {
        assignAll(trained);
        tf.dispose(trained);
      }
    },
    adopt: () => assignAll(averages),
    dispose: () => tf.dispose(averages),
  };
  return result;
}
