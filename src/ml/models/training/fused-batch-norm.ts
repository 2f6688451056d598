import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import type { BatchNormalizationLayer, KernelRunner, StoredWeight } from '../normalise-kernel.ts';

/**
 * Makes the batch normalisation layers of a model train through TensorFlow's one kernel each way (FusedBatchNormV3 and
 * its gradient), where TensorFlow.js composes about 25 small ones. The results are the same; topology and weights stay
 * the standard ones. Does nothing without libtensorflow. Returns the function that undoes it.
 */
export function fuseBatchNorm(model: LayersModel): () => void {
  if (tf.getBackend() !== 'tensorflow') return () => undefined;
  const layers = model.layers.filter((layer) => layer.getClassName() === 'BatchNormalization');
  const undo = layers.map((layer) => fuseLayer(layer as unknown as BatchNormalizationLayer));
  return () => undo.forEach((restore) => restore());
}

/** Makes the batch normalisation layers of a model keep to their running statistics while it trains. Returns the undo. */
export function freezeBatchNorm(model: LayersModel): () => void {
  const layers = model.layers.filter((layer) => layer.getClassName() === 'BatchNormalization');
  const undo = layers.map((found) => {
    const layer = found as unknown as BatchNormalizationLayer;
    const trained = layer.call;
    layer.call = (inputs, kwargs) => trained.call(layer, inputs, { ...kwargs, training: false });
    return (): void => {
      layer.call = trained;
    };
  });
  return () => undo.forEach((restore) => restore());
}

function fuseLayer(layer: BatchNormalizationLayer): () => void {
  const composed = layer.call;
  layer.call = (inputs, kwargs) => {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    const { gamma, beta } = layer;
    const lastAxis = layer.axis === -1 || layer.axis === 3;
    if (
      kwargs['training'] !== true ||
      x.rank !== 4 ||
      !lastAxis ||
      gamma === undefined ||
      beta === undefined
    ) {
      return composed.call(layer, inputs, kwargs);
    }
    return tf.tidy(() => {
      const result = fusedBatchNorm(x as Tensor4D, gamma.read(), beta.read(), layer.epsilon);
      follow(layer.movingMean, result.mean, layer.momentum);
      follow(layer.movingVariance, result.variance, layer.momentum);
      return result.y;
    });
  };
  return () => {
    layer.call = composed;
  };
}

/**
 * Batch normalisation over batch, rows and columns of an NHWC batch, differentiable in `x`, `gamma` and `beta`.
 * `mean` and `variance` are those of the batch; the variance is the biased one (divided by n), as Keras keeps it.
 */
export function fusedBatchNorm(
  x: Tensor4D,
  gamma: Tensor1D,
  beta: Tensor1D,
  epsilon: number,
): { y: Tensor4D; mean: Tensor1D; variance: Tensor1D } {
  const backend = tf.backend() as unknown as KernelRunner;
  const { TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_BOOL, TF_FLOAT } = backend.binding;
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'U', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'epsilon', type: TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: TF_ATTR_BOOL, value: true },
  ];
  const forward = [...attributes, { name: 'exponential_avg_factor', type: TF_ATTR_FLOAT, value: 1 }];
  let statistics: { mean: Tensor1D; variance: Tensor1D } | undefined;
  const normalise = tf.customGrad((...args) => {
    const [input, scale, offset, save] = args as unknown as [
      Tensor,
      Tensor,
      Tensor,
      (saved: Tensor[]) => void,
    ];
    const empty = tf.tensor1d([]);
    const [y, mean, unbiased, ...reserves] = backend.executeMultipleOutputs(
      'FusedBatchNormV3',
      forward,
      [input, scale, offset, empty, empty],
      6,
    ) as [Tensor, Tensor1D, Tensor1D, ...Tensor[]];
    const n = input.size / scale.size;
    // The operation's scope ends with its forward pass; the statistics have to outlive it.
    statistics = { mean: tf.keep(mean.clone()), variance: tf.keep(tf.mul(unbiased, (n - 1) / n)) };
    save([input, scale, ...reserves]);
    return {
      value: y,
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        backend.executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, ...saved], 5).slice(0, 3),
    };
  });
  const y = normalise(x, gamma, beta) as Tensor4D;
  if (statistics === undefined) throw new Error('FusedBatchNormV3 was not run');
  const { mean, variance } = statistics;
  const result = { y, mean: mean.clone(), variance: variance.clone() };
  tf.dispose([mean, variance]);
  return result;
}

function follow(average: StoredWeight, value: Tensor1D, momentum: number): void {
  const old = average.read();
  average.write(tf.add(old, tf.mul(tf.sub(value, old), 1 - momentum)));
}
