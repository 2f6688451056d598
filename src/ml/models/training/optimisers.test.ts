import { describe, expect, it } from 'vitest';
import { tf } from '../../runtime/tensorflow.ts';
import { crossEntropyOf } from './cross-entropy.ts';
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
