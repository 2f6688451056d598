import type { Rank, Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { expectSteadyTensors } from '../../runtime/steady-tensors.fixture.ts';
import { bindingIsInstalled, startTensorFlow, tf } from '../../runtime/tensorflow.ts';
import { AdaptivePooling } from '../architectures/adaptive-pooling.ts';
import { SelfAttention, TokenEmbedding } from '../architectures/attention.ts';
import { apply } from '../architectures/blocks.ts';
import { IMAGENET } from '../architectures/channel-normalisation.ts';
import { FirstToken } from '../architectures/first-token.ts';
import { HardSigmoid, HardSwish } from '../architectures/hard-activations.ts';
import { heFanOut } from '../architectures/initial-weights.ts';
import { network } from '../architectures/network.ts';
import { squeezeExcitation } from '../architectures/squeeze-excitation.ts';
import { fuseBatchNorm } from './fused-batch-norm.ts';
import { gradingLossOf } from './grading-loss.ts';
import { variablesOf } from './model-variables.ts';
import { ADAMW, createOptimiser } from './optimisers.ts';
import { stepGradients } from './train-step.ts';

describe.skipIf(!bindingIsInstalled())('a training step (needs libtensorflow)', () => {
  it('leaves no tensor behind, whatever kinds of layers the network has', async () => {
    await startTensorFlow({ threads: 1 });
    const model = everyKindOfLayer();
    const unfuse = fuseBatchNorm(model);
    const variables = variablesOf(model.trainableWeights);
    const optimiser = createOptimiser(ADAMW, variables);
    const labels = [0, 2];
    await expectSteadyTensors((index) => {
      const x = tf.randomUniform<Rank.R4>([2, 16, 16, 3], 0, 1, 'float32', index);
      const { gradients, loss } = stepGradients(
        [{ x, labels }],
        variables,
        (images) => model.apply(images, { training: true }) as Tensor2D,
        (logits, truth): Scalar =>
          gradingLossOf({ kind: 'cross-entropy', labelSmoothing: 0 }, logits, truth, 3),
      );
      expect(Object.keys(gradients)).toHaveLength(variables.length);
      optimiser.step(gradients, 1e-4);
      tf.dispose([x, gradients]);
      expect(loss).toBeGreaterThan(0);
    });
    unfuse();
    optimiser.dispose();
    model.dispose();
  });
});

/** Fused normalisation, depthwise convolution, hard activations, adaptive pooling, tokens and attention in one chain. */
function everyKindOfLayer(): LayersModel {
  const net = network({ inputSize: 16, classes: 3, seed: 1 }, { kernels: heFanOut });
  const { image, normalised } = net.input(IMAGENET);
  let x = net.batchNorm(net.convolution(normalised, 'conv', { filters: 8, size: 3, strides: 2 }), 'bn1');
  x = net.batchNorm(net.depthwise(apply(new HardSwish({}), x), 'depthwise', { size: 3 }), 'bn2');
  const gate = squeezeExcitation(net, x, 'se', {
    hidden: 4,
    inner: (row, name) => net.silu(row, name),
    gate: (row) => apply(new HardSigmoid({}), row),
  });
  x = apply(new AdaptivePooling({ side: 3 }), gate);
  x = apply(new TokenEmbedding({}), apply(tf.layers.reshape({ targetShape: [9, 8] }), x));
  x = net.dense(apply(tf.layers.layerNormalization({}), x), 'qkv', { units: 24 });
  x = apply(tf.layers.activation({ activation: 'gelu' }), apply(new SelfAttention({ heads: 2 }), x));
  return net.finish('kinds', image, net.dense(apply(new FirstToken({}), x), 'fc', { units: 3 }));
}

describe('expectSteadyTensors', () => {
  it('notices a step that keeps a tensor', async () => {
    const kept: Tensor[] = [];
    const leaking = () => void kept.push(tf.zeros([2]));
    await expect(expectSteadyTensors(leaking)).rejects.toThrow('living tensors');
    tf.dispose(kept);
  });
});
