import { stat } from 'node:fs/promises';
import { hashFile } from '../jobs/content-hash.ts';
import type { JournalRecord } from '../jobs/journal.ts';
import type { ItemEnd } from '../jobs/run-items.ts';
import { outputFile } from './output-file.ts';
import type { ImageTask } from './protect-image-file.ts';

/**
 * What an earlier run has left for an image, if it still holds: the source has the same content, and the outputs have the bytes that
 * were written. Null means the image has to be worked on.
 */
export async function recallRecord(
  task: ImageTask,
  record: JournalRecord | undefined,
  out: string,
  retryFailed: boolean,
): Promise<ItemEnd | null> {
  if (record === undefined) return null;
  if (record.state === 'failed') {
    const changed = (await hashOrNull(task.absolute)) !== record.content;
    return retryFailed || changed ? null : { state: 'failed', code: record.code, reason: record.reason };
  }
  if ((await hashOrNull(task.absolute)) !== record.content) return null;
  if (record.state === 'no-room') return { state: 'no-room', reason: record.reason };
  for (const kind of ['image', 'certificate', 'residual'] as const) {
    const written = record.outputs[kind];
    if (written.path !== task.names[kind] || !(await holds(await outputFile(out, written.path), written)))
      return null;
  }
  return { state: 'kept' };
}

async function holds(
  path: string,
  written: { readonly bytes: number; readonly sha256: string },
): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return (
    found?.isFile() === true && found.size === written.bytes && (await hashOrNull(path)) === written.sha256
  );
}

async function hashOrNull(path: string): Promise<string | null> {
  return hashFile(path).catch(() => null);
}
