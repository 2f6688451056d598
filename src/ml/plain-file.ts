import { readFile, stat } from 'node:fs/promises';

/** Node reads no more into one buffer. */
const largest = 2 ** 31 - 1;

/**
 * Reads a whole regular file of at most `limit` bytes. A pipe or a device is refused before it is opened: opening one can wait for ever,
 * and reading one need not end. Rejects with the system's error, or with an Error whose message says what the file is instead.
 */
export async function readPlainFile(path: string, limit = largest): Promise<Buffer> {
  const info = await stat(path);
  if (info.isDirectory()) throw new Error('it is a folder');
  if (!info.isFile()) throw new Error('it is not a regular file');
  if (info.size > limit) throw new Error(`it is larger than ${Math.round(limit / 2 ** 20)} MB`);
  return readFile(path);
}

/** Why a file could not be read, as the end of a sentence. */
export function whyUnread(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be read';
  if (!('code' in error)) return error.message;
  return reasons[String(error.code)] ?? `it cannot be read (${String(error.code)})`;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links go round in a circle',
};
