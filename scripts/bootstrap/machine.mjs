// What this machine is, and where the project keeps things on it. Plain Node 18+, no packages: runs before the install.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

export const platform = `${process.platform}-${process.arch}`;

/** Downloads that several checkouts of one user share: XDG_CACHE_HOME/medlocker, or ~/.cache/medlocker. */
export function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'medlocker');
}

export function isRootOnDebian() {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/** The program's full path, or null: a PATH search, so that nothing is started to find out. */
export function findProgram(name) {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const extension of extensions) {
      const path = join(folder, name + extension);
      if (folder !== '' && existsSync(path)) return path;
    }
  }
  return null;
}

/** Parsed JSON of a file, or null when it is absent or damaged (then it counts as absent). */
export function readJsonOrNull(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** Whether a process with this id runs on this machine. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
