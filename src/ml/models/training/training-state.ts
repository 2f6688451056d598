import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { Failure } from '../../../shared/failure.ts';
import { tf } from '../../runtime/tensorflow.ts';

/** Everything a training run needs to go on as if it had not stopped. */
export interface TrainingState {
  /** Epochs done. */
  readonly epochs: number;
  readonly steps: number;
  readonly averageUpdates: number;
  /** Parts a batch is computed in: a run that goes on elsewhere takes the same steps. */
  readonly parts: number;
  readonly tensors: NamedTensorMap;
}

const MAGIC = 'medlocker-training-state 1\n';

const headerSchema = z.object({
  epochs: z.int().min(0),
  steps: z.int().min(0),
  averageUpdates: z.int().min(0),
  parts: z.int().min(1).default(1),
  sha256: z.string(),
  tensors: z.array(z.object({ name: z.string(), shape: z.array(z.int().min(0)) })),
});

/**
 * Writes a state so that the file is either the old or the new one, whatever happens meanwhile: a line naming the
 * format, a line of JSON with shapes and the SHA-256 of the data, then little-endian float32 data.
 */
export async function writeTrainingState(state: TrainingState, path: string): Promise<void> {
  const entries = Object.entries(state.tensors);
  const blocks = entries.map(([, tensor]) => {
    const values = tensor.dataSync() as Float32Array;
    return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  });
  const hash = createHash('sha256');
  for (const block of blocks) hash.update(block);
  const { epochs, steps, averageUpdates, parts } = state;
  const tensors = entries.map(([name, { shape }]) => ({ name, shape }));
  const header = { epochs, steps, averageUpdates, parts, sha256: hash.digest('hex'), tensors };
  const temporary = `${path}.partial`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(`${MAGIC}${JSON.stringify(header)}\n`);
    for (const block of blocks) await file.writeFile(block);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Reads a state back; the caller disposes its tensors. Throws Failure `job-inconsistent` for a damaged file. */
export async function readTrainingState(path: string): Promise<TrainingState> {
  const damaged = (reason: string, cause?: unknown): Failure =>
    new Failure('job-inconsistent', `${path}: ${reason}`, {
      subject: path,
      hint: 'Start the training anew, or resume from an older state.',
      cause,
    });
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw damaged('the training state cannot be read', cause);
  });
  if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC))) throw damaged('not a training state');
  const end = bytes.indexOf('\n', MAGIC.length);
  let header: z.infer<typeof headerSchema>;
  try {
    header = headerSchema.parse(
      JSON.parse(bytes.subarray(MAGIC.length, Math.max(end, MAGIC.length)).toString()),
    );
  } catch (cause) {
    throw damaged('its header is damaged', cause);
  }
  const data = bytes.subarray(end + 1);
  if (createHash('sha256').update(data).digest('hex') !== header.sha256)
    throw damaged('cut short or altered');
  const values = new Float32Array(new Uint8Array(data).buffer);
  const tensors: NamedTensorMap = {};
  let offset = 0;
  for (const { name, shape } of header.tensors) {
    const size = shape.reduce((product, side) => product * side, 1);
    tensors[name] = tf.tensor(values.slice(offset, offset + size), shape);
    offset += size;
  }
  const { epochs, steps, averageUpdates, parts } = header;
  return { epochs, steps, averageUpdates, parts, tensors };
}
