import type { Rank, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { variablesOf } from './model-variables.ts';
import { isOutOfMemory, type StepGradients, type StepPart } from './train-step.ts';

/** The gradients of batches, each computed in as many parts as memory asks for. */
export interface PartedStep {
  /** Parts that a batch is computed in from now on. */
  readonly parts: number;
  /**
   * Measures what a step takes on one and on two images and doubles the parts until one of them should fit into
   * `available` bytes: a system that has promised more memory than it has kills the process instead of refusing.
   * The model's statistics are as before afterwards.
   */
  fit(model: LayersModel, image: readonly [number, number, number], available: () => number): Promise<void>;
  /** [n, side, side, 3] with n labels; doubles the parts for the rest of the run where memory is refused. */
  gradients(x: Tensor4D, labels: readonly number[]): StepGradients;
}

/** Steps take this much more than their tensors: what a library keeps for itself. Measured: 0.5 to 1.2. */
const BEYOND_TENSORS = 1.25;
const RESERVE = 2 ** 28;

/** @param compute gradients gathered over parts; the caller of `gradients` disposes them */
export function partedStep(
  batchSize: number,
  parts: number,
  compute: (parts: readonly StepPart[]) => StepGradients,
  say: (note: string) => void,
): PartedStep {
  let count = Math.min(parts, batchSize);
  const raise = (reason: string): void => {
    say(`${reason}: batches of ${batchSize} are computed in ${count} parts from here on`);
  };

  /** Largest number of tensor bytes alive at a time, beyond those before. */
  async function peakOf(images: number, shape: readonly [number, number, number]): Promise<number> {
    const before = tf.memory().numBytes;
    const x = tf.zeros<Rank.R4>([images, ...shape]);
    const { peakBytes } = await tf.profile(() => {
      tf.dispose(compute([{ x, labels: new Array<number>(images).fill(0) }]).gradients);
      return [];
    });
    x.dispose();
    return peakBytes - before;
  }

  return {
    get parts() {
      return count;
    },
    async fit(model, shape, available) {
      const first = count;
      if (batchSize <= count || available() === Infinity) return;
      const [one, two] = await unchanged(variablesOf(model.nonTrainableWeights), async () => [
        await peakOf(1, shape),
        await peakOf(2, shape),
      ]);
      const room = available() - RESERVE;
      const needed = (parts: number): number =>
        BEYOND_TENSORS * (one + (two - one) * (Math.ceil(batchSize / parts) - 1));
      while (count < batchSize && needed(count) > room) count = Math.min(batchSize, count * 2);
      const reason = `memory is short (${gigabytes(needed(first))} needed, ${gigabytes(room)} free)`;
      if (count > first) raise(reason);
    },
    gradients(x, labels) {
      for (;;) {
        const pieces = cut(x, labels, count);
        try {
          return compute(pieces);
        } catch (cause) {
          if (!isOutOfMemory(cause) || count >= labels.length) throw cause;
          count = Math.min(labels.length, count * 2);
          raise('memory is short');
        } finally {
          if (pieces.length > 1) tf.dispose(pieces.map((piece) => piece.x));
        }
      }
    },
  };
}

/** Runs something that writes into variables, and puts back what was in them. */
async function unchanged<Result>(
  variables: readonly Variable[],
  run: () => Promise<Result>,
): Promise<Result> {
  const before = variables.map((variable) => variable.clone());
  try {
    return await run();
  } finally {
    variables.forEach((variable, i) => variable.assign(before[i]));
    tf.dispose(before);
  }
}

function cut(x: Tensor4D, labels: readonly number[], parts: number): StepPart[] {
  if (parts === 1) return [{ x, labels }];
  const size = Math.ceil(labels.length / parts);
  const [, height, width, channels] = x.shape;
  return Array.from({ length: Math.ceil(labels.length / size) }, (_, i) => {
    const part = labels.slice(i * size, (i + 1) * size);
    return { x: tf.slice(x, [i * size, 0, 0, 0], [part.length, height, width, channels]), labels: part };
  });
}

function gigabytes(bytes: number): string {
  return `${(Math.max(0, bytes) / 1e9).toFixed(1)} GB`;
}
