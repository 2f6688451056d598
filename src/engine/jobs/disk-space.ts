import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes that a user without special rights can still write where `path` is or will be; null when the system does not tell. */
export async function freeBytes(path: string): Promise<number | null> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch {
      if (dirname(folder) === folder) return null;
    }
  }
}
