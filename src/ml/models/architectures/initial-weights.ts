import type { Random } from '../../random.ts';

/** Inputs one output value sums over, and outputs one input value reaches. */
export interface Fans {
  readonly in: number;
  readonly out: number;
}

/** A distribution of initial weights: one value from the generator for a weight with these fans. */
export type Draw = (random: Random, fans: Fans) => number;

/** He et al., ICCV 2015, keeping the variance of the backward pass, as residual networks are started. */
export const heFanOut: Draw = (random, fans) => random.normal() * Math.sqrt(2 / fans.out);

/** He et al., ICCV 2015, keeping the variance of the forward pass. */
export const heFanIn: Draw = (random, fans) => random.normal() * Math.sqrt(2 / fans.in);

/** Uniform within 1 / sqrt(fan in): LeCun's rule, what PyTorch starts a linear layer with, its bias too. */
export const leCunUniform: Draw = (random, fans) => (2 * random.next() - 1) / Math.sqrt(fans.in);

export const uniformFanOut: Draw = (random, fans) => (2 * random.next() - 1) / Math.sqrt(fans.out);

export const normal =
  (deviation: number): Draw =>
  (random) =>
    random.normal() * deviation;

/** Values beyond two deviations are drawn again. */
export const truncatedNormal =
  (deviation: number): Draw =>
  (random) => {
    for (;;) {
      const value = random.normal();
      if (Math.abs(value) <= 2) return value * deviation;
    }
  };

/** Fans of a kernel: [rows, columns, in, out] of a convolution (depthwise: one in and one out a channel), [in, out] else. */
export function fansOf(shape: readonly number[], depthwise: boolean): Fans {
  const [inputs, outputs] = depthwise ? [1, shape.at(-1) ?? 1] : [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  const field = shape.slice(0, -2).reduce((product, side) => product * side, 1);
  return { in: field * inputs, out: field * outputs };
}
