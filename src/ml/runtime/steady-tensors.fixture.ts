import { expect } from 'vitest';
import { tf } from './tensorflow.ts';

/**
 * Fails when the number of living tensors changes from step to step: the leak check of every loop. The first steps may make
 * what a loop keeps (optimiser memory, compiled kernels).
 */
export async function expectSteadyTensors(
  step: (index: number) => unknown,
  { warmUp = 1, steps = 3 }: { warmUp?: number; steps?: number } = {},
): Promise<void> {
  const counts: number[] = [];
  for (let index = 0; index < warmUp + steps; index++) {
    await step(index);
    if (index >= warmUp - 1) counts.push(tf.memory().numTensors);
  }
  expect(counts, 'living tensors after each step').toEqual(counts.map(() => counts[0]));
}
