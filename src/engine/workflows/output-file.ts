import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { notWritable } from '../jobs/atomic-write.ts';
import type { DoneRecord } from '../jobs/journal.ts';
import { wholeJob } from '../jobs/shard.ts';
import { privateFolder } from './private-folder.ts';

/**
 * Where a file of a job's output lies: in the output folder, or, for an image that a review keeps out of the signed set, put aside in the
 * private folder, so that it is not handed on with the set by mistake. A file that is nowhere is said to be in the output folder.
 *
 * @param path as the journal names it, relative to the output folder
 */
export async function outputFile(out: string, path: string): Promise<string> {
  const { inSet, aside } = placesOf(out, path);
  return !(await exists(inSet)) && (await exists(aside)) ? aside : inSet;
}

/** Puts image, certificate and residual of some images aside. @throws Failure output-not-writable */
export async function putAside(out: string, records: readonly DoneRecord[]): Promise<void> {
  for (const { path } of records.flatMap(({ outputs }) => Object.values(outputs))) {
    const { inSet, aside } = placesOf(out, path);
    if (await exists(inSet)) await move(inSet, aside);
  }
}

/** Puts them back among the set. A newer file that was written there meanwhile stays. @throws Failure output-not-writable */
export async function putBack(out: string, records: readonly DoneRecord[]): Promise<void> {
  if (!(await exists(privateFolder(out, wholeJob).leftOut))) return;
  for (const { path } of records.flatMap(({ outputs }) => Object.values(outputs))) {
    const { inSet, aside } = placesOf(out, path);
    if (!(await exists(aside))) continue;
    if (await exists(inSet)) await rm(aside, { force: true });
    else await move(aside, inSet);
  }
}

function placesOf(out: string, path: string): { inSet: string; aside: string } {
  const parts = path.split('/');
  const { leftOut } = privateFolder(out, wholeJob);
  return { inSet: join(out, ...parts), aside: join(leftOut, ...parts) };
}

async function move(from: string, to: string): Promise<void> {
  try {
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
  } catch (error) {
    throw notWritable(to, error);
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
