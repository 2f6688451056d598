import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { layers as layerTypes } from '@tensorflow/tfjs-layers';
import { tf, type NativeBackend } from '../runtime/tensorflow.ts';

/** What a BatchNormalization layer of TensorFlow.js keeps, which its types do not show. */
export interface BatchNormalizationLayer {
  call(inputs: Tensor | Tensor[], kwargs: Record<string, unknown>): Tensor | Tensor[];
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly gamma?: StoredWeight;
  readonly beta?: StoredWeight;
  readonly movingMean: StoredWeight;
  readonly movingVariance: StoredWeight;
}

export interface StoredWeight {
  read(): Tensor1D;
  write(value: Tensor): unknown;
}

/** A batch normalisation with scale and offset over the last axis of images. */
export type Normalisation = layerTypes.Layer &
  BatchNormalizationLayer & { readonly gamma: StoredWeight; readonly beta: StoredWeight };

export interface KernelRunner extends NativeBackend {
  executeMultipleOutputs(name: string, attributes: unknown[], inputs: Tensor[], outputs: number): Tensor[];
}

export function isNormalisation(layer: layerTypes.Layer): layer is Normalisation {
  if (layer.getClassName() !== 'BatchNormalization') return false;
  const { axis, gamma, beta } = layer as unknown as BatchNormalizationLayer;
  const [output] = [layer.output].flat();
  return (
    output.shape.length === 4 && (axis === -1 || axis === 3) && gamma !== undefined && beta !== undefined
  );
}

/** max(0, normalised x) in one kernel, with the layer's running statistics. */
export function normalisedAndRectified(x: Tensor4D, layer: Normalisation): Tensor4D {
  const { gamma, beta, movingMean, movingVariance, epsilon } = layer;
  return run(
    x,
    [gamma, beta, movingMean, movingVariance].map((weight) => weight.read()),
    epsilon,
  );
}

let supported: boolean | undefined;

/** Whether this machine's library has the kernel; asked of it once. */
export function supportsFusedActivation(): boolean {
  supported ??= tf.tidy(() => {
    try {
      const x = tf.tensor4d([-2, 3], [1, 1, 2, 1]);
      const [one, zero] = [tf.ones([1]), tf.zeros([1])];
      const [low, high] = run(x, [one, zero, zero, one], 1e-12).dataSync();
      return low === 0 && Math.abs(high - 3) < 1e-5;
    } catch {
      return false;
    }
  });
  return supported;
}

function run(x: Tensor4D, parameters: readonly Tensor[], epsilon: number): Tensor4D {
  const backend = tf.backend() as unknown as KernelRunner;
  const { TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_BOOL, TF_ATTR_INT, TF_FLOAT } =
    backend.binding;
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'U', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'epsilon', type: TF_ATTR_FLOAT, value: epsilon },
    { name: 'exponential_avg_factor', type: TF_ATTR_FLOAT, value: 1 },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: TF_ATTR_BOOL, value: false },
    { name: 'num_side_inputs', type: TF_ATTR_INT, value: 0 },
    { name: 'activation_mode', type: TF_ATTR_STRING, value: 'Relu' },
    // Kernels of oneDNN are registered under this label; an operation without it finds none.
    { name: '_kernel', type: TF_ATTR_STRING, value: 'MklNameChangeOp' },
  ];
  const [y, ...statistics] = backend.executeMultipleOutputs(
    '_MklNativeFusedBatchNormEx',
    attributes,
    [x, ...parameters],
    6,
  );
  tf.dispose(statistics);
  return y as Tensor4D;
}
