import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';

/** A file system of its own, so that a test can fill a real disk without disturbing anybody. */
export interface SmallDisk {
  readonly path: string;
  resize(bytes: number): void;
  remove(): void;
}

/** Why no small disk can be had here, for the name of a test that is left out; null where it can. */
export const noSmallDisk: string | null = whyNot();

/** Mounts a memory file system of `bytes` (in whole pages) at `path`, which must not exist yet. */
export function mountSmallDisk(path: string, bytes: number): SmallDisk {
  mkdirSync(path);
  mount(['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path]);
  return {
    path,
    resize: (size) => mount(['-o', `remount,size=${size}`, path]),
    remove: () => {
      // Lazy: a process that still has a file open must not keep the test from cleaning up.
      execFileSync('umount', ['--lazy', path], { stdio: 'pipe' });
      rmSync(path, { recursive: true });
    },
  };
}

function mount(args: readonly string[]): void {
  execFileSync('mount', args, { stdio: 'pipe' });
}

function whyNot(): string | null {
  if (process.platform !== 'linux') return 'only Linux mounts memory as a disk';
  if (process.getuid?.() !== 0) return 'only root may mount a disk';
  const probe = `/tmp/medlocker-small-disk-${process.pid}`;
  try {
    mountSmallDisk(probe, 4096).remove();
    return null;
  } catch {
    rmSync(probe, { recursive: true, force: true });
    return 'mounting is not allowed here';
  }
}
