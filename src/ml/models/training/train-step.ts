import type { NamedTensorMap, Scalar, Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { tf } from '../../runtime/tensorflow.ts';

/** Images with what a loss compares their outputs with. */
export interface StepPart {
  /** [n, side, side, 3] in [0, 1]. */
  readonly x: Tensor4D;
  readonly labels: readonly number[];
}

export interface StepGradients {
  /** Mean over all images of the parts. */
  readonly loss: number;
  /** Rows of all parts, one a sample, on the side of the caller. */
  readonly logits: number[][];
  /** By variable name; the caller disposes them. */
  readonly gradients: NamedTensorMap;
}

/**
 * Loss and gradients of one step, gathered over its parts one after the other (gradient accumulation), each part
 * weighted by its number of images. `forward` and `loss` run on the tape; tensors of the parts stay the caller's.
 */
export function stepGradients(
  parts: readonly StepPart[],
  variables: Variable[],
  forward: (x: Tensor4D) => Tensor2D,
  loss: (logits: Tensor2D, labels: readonly number[]) => Scalar,
): StepGradients {
  const total = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  let gathered: NamedTensorMap | undefined;
  let lossSum = 0;
  const rows: number[][] = [];
  try {
    for (const { x, labels } of parts) {
      let logits: Tensor2D | undefined;
      const { value, grads } = tf.variableGrads((): Scalar => {
        const z = forward(x);
        logits = tf.keep(z.clone());
        return loss(z, labels);
      }, variables);
      lossSum += value.dataSync()[0] * labels.length;
      if (logits !== undefined) rows.push(...logits.arraySync());
      tf.dispose([value, ...(logits === undefined ? [] : [logits])]);
      gathered = parts.length === 1 ? grads : addedTo(gathered, grads, labels.length / total);
    }
  } catch (cause) {
    if (gathered !== undefined) tf.dispose(gathered);
    throw cause;
  }
  return { loss: lossSum / total, logits: rows, gradients: gathered ?? {} };
}

/** Adds `share` times the gradients to the sum; both given maps are used up. */
function addedTo(sum: NamedTensorMap | undefined, grads: NamedTensorMap, share: number): NamedTensorMap {
  const result = Object.fromEntries(
    Object.entries(grads).map(([name, gradient]): [string, Tensor] => [
      name,
      tf.tidy(() => {
        const part = tf.mul(gradient, share);
        return sum !== undefined && name in sum ? tf.add(sum[name], part) : part;
      }),
    ]),
  );
  tf.dispose(grads);
  if (sum !== undefined) tf.dispose(sum);
  return result;
}

/** What libtensorflow and the JavaScript engine say when memory is short. */
export function isOutOfMemory(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String(error);
  return /OOM|resource exhausted|bad_alloc|out of memory|array buffer allocation failed/i.test(text);
}
