import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fuseBatchNorm } from '../src/ml/models/training/fused-batch-norm.ts';
import { gradingLossOf } from '../src/ml/models/training/grading-loss.ts';
import { variablesOf } from '../src/ml/models/training/model-variables.ts';
import { createOptimiser, type OptimiserSettings } from '../src/ml/models/training/optimisers.ts';
import { stepGradients } from '../src/ml/models/training/train-step.ts';
import { tf } from '../src/ml/runtime/tensorflow.ts';

/** The training loop's step without its data: forward, cross-entropy, backward, optimiser. The images stay the caller's. */
export function trainingStep(
  model: LayersModel,
  settings: OptimiserSettings,
  learningRate: number,
): (x: Tensor4D) => void {
  fuseBatchNorm(model);
  const variables = variablesOf(model.trainableWeights);
  const optimiser = createOptimiser(settings, variables);
  const [, classes] = model.outputShape as [null, number];
  return (x) => {
    const labels = Array.from({ length: x.shape[0] }, (_, i) => i % classes);
    const { gradients } = stepGradients(
      [{ x, labels }],
      variables,
      (images) => model.apply(images, { training: true }) as Tensor2D,
      (logits, truth): Scalar =>
        gradingLossOf({ kind: 'cross-entropy', labelSmoothing: 0 }, logits, truth, classes),
    );
    optimiser.step(gradients, learningRate);
    tf.dispose(gradients);
  };
}
