import { describe, expect, it } from 'vitest';
import { tf } from '../../runtime/tensorflow.ts';
import { crossEntropyOf } from './cross-entropy.ts';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { gradingLossOf } from './grading-loss.ts';
import { ADAMW, createOptimiser, type OptimiserSettings } from './optimisers.ts';
import oracle from './training.oracle.json' with { type: 'json' };

// Numbers by PyTorch: test/oracles/training.py.
describe('createOptimiser', () => {
  const cases: [keyof typeof oracle & ('adamw' | 'nesterov' | 'momentum'), OptimiserSettings][] = [
    ['adamw', { ...ADAMW, kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 }],
    ['nesterov', { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1 }],
    ['momentum', { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 0 }],
  ];

  it.each(cases)('walks the path of PyTorch: %s', (name, settings) => {
    const weight = tf.variable(tf.tensor2d(oracle.start, [3, 2]));
    const optimiser = createOptimiser(settings, [weight]);
    const tensors = tf.memory().numTensors;
    oracle.gradients.forEach((values, step) => {
      const gradient = tf.tensor2d(values, [3, 2]);
      optimiser.step({ [weight.name]: gradient }, oracle.rates[step]);
      gradient.dispose();
      weight.dataSync().forEach((value, i) => {
        expect(value).toBeCloseTo(oracle[name][step][i], 5);
      });
    });
    expect(tf.memory().numTensors).toBe(tensors);
    optimiser.dispose();
  });

  it('keeps weight decay off biases and normalisation scales', () => {
    const bias = tf.variable(tf.tensor1d([3, -4]));
    const settings = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0.5 } as const;
    createOptimiser(settings, [bias]).step({ [bias.name]: tf.zeros([2]) }, 1);
    expect(Array.from(bias.dataSync())).toEqual([3, -4]);
  });

  it('refuses a step without the gradient of a variable', () => {
    const weight = tf.variable(tf.zeros([2, 2]));
    expect(() => {
      createOptimiser(ADAMW, [weight]).step({}, 1);
    }).toThrow(/no gradient/);
  });
});

describe('crossEntropyOf', () => {
  it('is the cross-entropy of PyTorch, with and without label smoothing', () => {
    const logits = tf.tensor2d(oracle.logits);
    expect(crossEntropyOf(logits, oracle.labels, 5, 0).arraySync()).toBeCloseTo(oracle.crossEntropy, 5);
    expect(crossEntropyOf(logits, oracle.labels, 5, 0.1).arraySync()).toBeCloseTo(
      oracle.smoothedCrossEntropy,
      5,
    );
  });
});

describe('gradingLossOf', () => {
  it.each([
    ['focal', { kind: 'focal', gamma: 2 }],
    ['ordinal', { kind: 'ordinal', spread: 0.75 }],
  ] as const)('has the value and the derivative of PyTorch: %s', (name, loss) => {
    const { value, grad } = tf.valueAndGrad((z: Tensor) =>
      gradingLossOf(loss, z as Tensor2D, oracle.labels, 5),
    )(tf.tensor2d(oracle.logits));
    expect(value.arraySync()).toBeCloseTo(oracle[name].value, 5);
    grad.dataSync().forEach((derivative, i) => {
      expect(derivative).toBeCloseTo(oracle[name].gradient[i], 5);
    });
  });

  it('is the plain cross-entropy where a setting takes nothing away', () => {
    const logits = tf.tensor2d(oracle.logits);
    for (const loss of [
      { kind: 'focal', gamma: 0 },
      { kind: 'ordinal', spread: 0.05 },
    ] as const) {
      expect(gradingLossOf(loss, logits, oracle.labels, 5).arraySync()).toBeCloseTo(oracle.crossEntropy, 5);
    }
  });
});
