import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Failure } from '../../shared/failure.ts';
import { tf } from '../runtime/tensorflow.ts';

type Layer = LayersModel['layers'][number];

/**
 * The last spatial activation of a model while `score` runs it, and the derivative of `score` with respect to it, both
 * [batch, rows, columns, channels]. Works for any graph, since the layer itself is watched instead of the graph cut.
 * Call inside a tidy. Throws Failure `model-unsupported` for a model without a spatial activation.
 */
export function tapLastFeatures(
  model: LayersModel,
  score: () => Scalar,
  name: string,
): { features: Tensor4D; gradient: Tensor4D } {
  const layer = lastSpatialLayer(model);
  if (layer === undefined) {
    throw new Failure('model-unsupported', `${name}: has no convolutional features for Grad-CAM`, {
      subject: name,
      hint: 'Use another surrogate for the Grad-CAM zone.',
    });
  }
  const features = watch(layer, (output) => output, score) as Tensor4D;
  // d score / d features equals the derivative with respect to something added to them.
  const gradient = tf.grad((delta) => {
    let total: Scalar | undefined;
    watch(
      layer,
      (output) => tf.add(output, delta),
      () => (total = score()),
    );
    if (total === undefined) throw new Error('the model was not run');
    return total;
  })(tf.zerosLike(features)) as Tensor4D;
  return { features, gradient };
}

/** Runs `run` with the layer's output replaced by `change(output)`; returns the output before the change. */
function watch(layer: Layer, change: (output: Tensor) => Tensor, run: () => unknown): Tensor {
  const original = layer.call;
  let seen: Tensor | undefined;
  layer.call = (inputs, kwargs) => {
    const output = original.call(layer, inputs, kwargs) as Tensor;
    seen?.dispose();
    // Layers run inside a tidy of their own, which a clone that is kept outlives.
    seen = tf.keep(output.clone());
    return change(output);
  };
  try {
    run();
  } finally {
    layer.call = original;
  }
  if (seen === undefined) throw new Error(`layer ${layer.name} was not run`);
  const released = seen.clone();
  seen.dispose();
  return released;
}

function lastSpatialLayer(model: LayersModel): Layer | undefined {
  return flatten(model).findLast((layer) => {
    const shape = layer.outputShape;
    if (!Array.isArray(shape) || shape.length !== 4 || Array.isArray(shape[0])) return false;
    const [, rows, columns] = shape as (number | null)[];
    return rows !== 1 || columns !== 1;
  });
}

/** Layers in the order they run, nested models opened. */
function flatten(model: LayersModel): Layer[] {
  return model.layers.flatMap((layer) => ('layers' in layer ? flatten(layer as LayersModel) : [layer]));
}
