import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../shared/failure.ts';

/** Temporary files this process has open; removed at once when it is told to stop hard. */
const openTemporaries = new Set<string>();

const temporaryPattern = /^\.(.+)\.([a-z0-9-]+)\.[0-9a-f]{12}\.medlocker-tmp$/;

/**
 * Writes a file so that at any moment, a power cut included, the path holds either nothing, the old bytes or all new bytes:
 * temporary file in the same directory (opened `wx`), fsync, rename, fsync of the directory.
 *
 * @param owner who writes, e.g. the shard: leftovers are later removed by the same owner only ([a-z0-9-]+)
 * @param mode permissions of the new file
 * @throws Failure output-not-writable (full disk, read-only folder, a folder in the file's place)
 */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array | string,
  owner = 'main',
  mode = 0o644,
): Promise<void> {
  const directory = dirname(path);
  const temporary = join(
    directory,
    `.${basename(path)}.${owner}.${randomBytes(6).toString('hex')}.medlocker-tmp`,
  );
  openTemporaries.add(temporary);
  try {
    await mkdir(directory, { recursive: true });
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await renamePatiently(temporary, path);
    await syncDirectory(directory);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw notWritable(path, error);
  } finally {
    openTemporaries.delete(temporary);
  }
}

/** Removes what an interrupted run of the same owner left in a tree; returns the removed paths. */
export async function removeLeftovers(root: string, owner = 'main'): Promise<string[]> {
  const removed: string[] = [];
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile() || temporaryPattern.exec(entry.name)?.[2] !== owner) continue;
    const path = join(entry.parentPath, entry.name);
    await rm(path, { force: true });
    removed.push(path);
  }
  return removed;
}

/** For the hard stop, when nothing may be awaited any more. */
export function removeOpenTemporaries(): void {
  for (const path of openTemporaries) {
    try {
      rmSync(path, { force: true });
    } catch {
      // The next run of the job removes it.
    }
  }
}

/** True for names that only a write in progress, or one that was killed, has. */
export function isTemporaryName(name: string): boolean {
  return temporaryPattern.test(name);
}

/** Makes a rename or creation inside a directory survive a power cut. Not possible, and not needed, on Windows. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Virus scanners on Windows hold new files for a moment: EPERM and EBUSY are worth a few tries. */
async function renamePatiently(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (attempt >= 5 || (code !== 'EPERM' && code !== 'EBUSY') || process.platform !== 'win32') throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** attempt));
    }
  }
}

/** The system's reason for a failed write, in words with a next step. */
export function notWritable(path: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const [reason, hint] = reasons[code ?? ''] ?? [
    error instanceof Error ? error.message : String(error),
    'Check the output folder, then start the same command again: it goes on where it stopped.',
  ];
  return new Failure('output-not-writable', `cannot write ${path}: ${reason}`, {
    subject: path,
    hint,
    cause: error,
  });
}

const again = 'then start the same command again: it goes on where it stopped.';
const reasons: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', `Free some space (--dry-run shows how much is needed), ${again}`],
  EDQUOT: ['the disk quota is used up', `Free some space (--dry-run shows how much is needed), ${again}`],
  EROFS: ['the file system is read-only', `Choose another --out, or make it writable, ${again}`],
  EACCES: ['permission denied', `Choose another --out, or make it writable, ${again}`],
  EPERM: ['operation not permitted', `Choose another --out, or make it writable, ${again}`],
  ENAMETOOLONG: [
    'the name is too long for this file system',
    'Shorten the name of the source file or folder.',
  ],
  EISDIR: ['a folder of that name is in the way', `Move it away, ${again}`],
  ENOTDIR: ['a file stands where a folder is needed', `Move it away, ${again}`],
  EEXIST: ['a file stands where a folder is needed', `Move it away, ${again}`],
};
