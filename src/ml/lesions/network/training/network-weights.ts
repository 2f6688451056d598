import type { Variable } from '@tensorflow/tfjs-core';
import { Failure } from '../../../../shared/failure.ts';
import { tf } from '../../../runtime/tensorflow.ts';

/** Variables one after the other as little-endian float32: what training goes on from. */
export function packVariables(variables: readonly Variable[]): Uint8Array {
  return Buffer.concat(
    variables.map((variable) => {
      const values = variable.dataSync<'float32'>();
      return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    }),
  );
}

/** Puts packed values back. @throws Failure `model-unsupported` naming `subject` when they are not those of these variables */
export function unpackVariables(variables: readonly Variable[], bytes: Uint8Array, subject: string): void {
  const size = variables.reduce((sum, variable) => sum + variable.size, 0);
  const values = bytes.length === size * 4 ? new Float32Array(Uint8Array.from(bytes).buffer) : null;
  if (values === null || !values.every(Number.isFinite)) {
    throw new Failure('model-unsupported', `${subject} does not hold the weights of a lesion network`, {
      subject,
      hint: 'Name a .weights file that train-lesions wrote, or leave it out to start from the bundled network.',
    });
  }
  let place = 0;
  tf.tidy(() => {
    for (const variable of variables) {
      variable.assign(tf.tensor(values.slice(place, place + variable.size), variable.shape));
      place += variable.size;
    }
  });
}
