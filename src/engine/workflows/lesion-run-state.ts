import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LesionTrainingState } from '../../ml/lesions/network/training/train-lesion-network.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { hashBytes } from '../jobs/content-hash.ts';

const name = '.train-lesions.state';

/** Keeps the state of a run, so that it can go on after a power cut. First line: whose state it is; then its values. */
export async function writeLesionRun(
  folder: string,
  identity: string,
  { step, values }: LesionTrainingState,
  writer: string,
): Promise<void> {
  const header = `${JSON.stringify({ identity, step, sha256: hashBytes(values) })}\n`;
  await writeAtomically(join(folder, name), Buffer.concat([Buffer.from(header), values]), writer);
}

/**
 * The state an earlier run with the same settings and images has left; null when there is none. What cannot be used is told: a state
 * of other settings or images, and one that was cut short or altered.
 */
export async function readLesionRun(
  folder: string,
  identity: string,
  say: (line: string) => void,
): Promise<LesionTrainingState | null> {
  const path = join(folder, name);
  const bytes = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (bytes === null) return null;
  const state = parsed(bytes);
  if (state?.identity === identity) return state;
  const reason = state === null ? 'cut short or altered' : 'of a run with other settings or images';
  say(`${path} is ${reason}: the training starts anew`);
  await rm(path, { force: true });
  return null;
}

function parsed(bytes: Buffer): (LesionTrainingState & { readonly identity: unknown }) | null {
  try {
    const end = bytes.indexOf(0x0a);
    const header = JSON.parse(bytes.toString('utf8', 0, end)) as Record<string, unknown>;
    const values = bytes.subarray(end + 1);
    const { step, identity, sha256 } = header;
    return sha256 === hashBytes(values) && typeof step === 'number' ? { step, values, identity } : null;
  } catch {
    return null;
  }
}
