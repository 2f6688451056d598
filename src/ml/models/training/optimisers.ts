import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core';
import { tf } from '../../runtime/tensorflow.ts';

/** Changes variables along their gradients, and keeps what it needs to remember between steps. */
export interface Optimiser {
  /** Applies one step; `gradients` go by variable name and stay the caller's. */
  step(gradients: NamedTensorMap, learningRate: number): void;
  /** The remembered tensors by name, owned by the optimiser; for checkpoints. */
  readonly state: Readonly<Record<string, Variable>>;
  /** Steps done so far; to be set when a checkpoint is restored. */
  steps: number;
  dispose(): void;
}

export type OptimiserSettings =
  | { kind: 'adamw'; beta1: number; beta2: number; epsilon: number; weightDecay: number }
  | { kind: 'sgd'; momentum: number; nesterov: boolean; weightDecay: number };

export const ADAMW: OptimiserSettings = {
  kind: 'adamw',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
};

/** Share of the learning rate a variable takes. */
export type RateOf = (variable: Variable) => number;

/**
 * Weight decay falls on kernels only: not on biases, nor on the scales and offsets of normalisations. `rateOf` scales the
 * learning rate of single variables (and, in AdamW, their decay with it).
 */
export function createOptimiser(
  settings: OptimiserSettings,
  variables: readonly Variable[],
  rateOf: RateOf = () => 1,
): Optimiser {
  return settings.kind === 'adamw' ? adamW(settings, variables, rateOf) : sgd(settings, variables, rateOf);
}

/** Adam with decoupled weight decay (Loshchilov & Hutter, ICLR 2019, algorithm 2). */
function adamW(
  settings: OptimiserSettings & { kind: 'adamw' },
  variables: readonly Variable[],
  rateOf: RateOf,
): Optimiser {
  const { beta1, beta2, epsilon, weightDecay } = settings;
  const means = slots(variables);
  const squares = slots(variables);
  return optimiser({ mean: means, square: squares }, (gradients, learningRate, steps) => {
    const correction = tf.scalar(1 / (1 - beta2 ** steps));
    const [oneMinus1, oneMinus2, tiny] = [tf.scalar(1 - beta1), tf.scalar(1 - beta2), tf.scalar(epsilon)];
    for (const variable of variables) {
      const gradient = gradientOf(variable, gradients);
      const mean = slot(means, variable);
      const square = slot(squares, variable);
      mean.assign(tf.add(mean, tf.mul(oneMinus1, tf.sub(gradient, mean))));
      square.assign(tf.add(square, tf.mul(oneMinus2, tf.sub(tf.square(gradient), square))));
      const step = tf.div(mean, tf.add(tf.sqrt(tf.mul(square, correction)), tiny));
      const rate = learningRate * rateOf(variable);
      const decayed =
        isKernel(variable) && weightDecay > 0 ? tf.mul(variable, 1 - rate * weightDecay) : variable;
      variable.assign(tf.sub(decayed, tf.mul(rate / (1 - beta1 ** steps), step)));
    }
  });
}

/** Stochastic gradient descent with (Nesterov) momentum, in PyTorch's form: velocity = momentum * velocity + gradient. */
function sgd(
  settings: OptimiserSettings & { kind: 'sgd' },
  variables: readonly Variable[],
  rateOf: RateOf,
): Optimiser {
  const velocities = slots(variables);
  return optimiser({ velocity: velocities }, (gradients, learningRate) => {
    const momentum = tf.scalar(settings.momentum);
    const decay = tf.scalar(settings.weightDecay);
    for (const variable of variables) {
      const plain = gradientOf(variable, gradients);
      const decayed = isKernel(variable) && settings.weightDecay > 0;
      const gradient = decayed ? tf.add(plain, tf.mul(variable, decay)) : plain;
      const velocity = slot(velocities, variable);
      velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
      const step = settings.nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity;
      variable.assign(tf.sub(variable, tf.mul(learningRate * rateOf(variable), step)));
    }
  });
}

function optimiser(
  kinds: Readonly<Record<string, Slots>>,
  update: (gradients: NamedTensorMap, learningRate: number, steps: number) => void,
): Optimiser {
  const state: Record<string, Variable> = {};
  for (const [kind, slotsOfKind] of Object.entries(kinds)) {
    for (const [name, companion] of slotsOfKind) state[`${kind}/${name}`] = companion;
  }
  const result: Optimiser = {
    state,
    steps: 0,
    step: (gradients, learningRate) => {
      result.steps += 1;
      tf.tidy(() => update(gradients, learningRate, result.steps));
    },
    dispose: () => tf.dispose(state),
  };
  return result;
}

type Slots = ReadonlyMap<string, Variable>;

/** One zero-filled companion a variable, by the variable's name. */
function slots(variables: readonly Variable[]): Slots {
  return new Map(
    variables.map((variable) => {
      const zeros = tf.zeros(variable.shape);
      const companion = tf.variable(zeros, false);
      zeros.dispose();
      return [variable.name, companion];
    }),
  );
}

function slot(of: Slots, variable: Variable): Variable {
  const found = of.get(variable.name);
  if (found === undefined) throw new RangeError(`no optimiser state for ${variable.name}`);
  return found;
}

function gradientOf(variable: Variable, gradients: NamedTensorMap): Tensor {
  if (!(variable.name in gradients)) throw new RangeError(`no gradient for ${variable.name}`);
  return gradients[variable.name];
}

function isKernel(variable: Variable): boolean {
  return variable.rank > 1;
}
