import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { notWritable, syncDirectory } from './atomic-write.ts';

/** What file systems without hard links (exFAT, some network shares) answer. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK']);

/**
 * Makes a file that must not exist yet, readable by its user only. It appears with its whole content or not at all, also after a power
 * cut: written beside, then linked into place, which fails where a file exists.
 *
 * @returns false when another process was first
 * @throws Failure output-not-writable
 */
export async function createExclusively(path: string, text: string): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const created = await linkDraft(path, text);
    if (created !== null) return created;
  }
  return createDirectly(path, text);
}

/** Removes drafts that killed processes left; a live process whose draft goes makes another one. */
export async function removeDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch((): string[] => []);
  const drafts = names.filter(
    (name) => name.startsWith(`${basename(path)}.`) && /\.[0-9a-f]{12}\.draft$/.test(name),
  );
  for (const name of drafts) await rm(join(folder, name), { force: true }).catch(() => undefined);
}

/** Null when another process has removed the draft meanwhile. */
async function linkDraft(path: string, text: string): Promise<boolean | null> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeNew(draft, text);
    if (!(await linked(draft, path))) return null;
    await syncDirectory(dirname(path));
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EEXIST') return false;
    if (withoutLinks.has(code)) return await createDirectly(path, text);
    throw notWritable(path, error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function createDirectly(path: string, text: string): Promise<boolean> {
  try {
    await writeNew(path, text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw notWritable(path, error);
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
