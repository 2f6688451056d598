import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A control group: the system kills processes in it that take more memory than it has. */
export interface MemoryLimit {
  /** File that takes the ids of processes. */
  readonly members: string;
  add(pid: number | undefined): void;
  /** Once its processes have ended. */
  remove(): void;
}

/** Why memory cannot be limited here, for the name of a test that is left out; null where it can. */
export const noMemoryLimit: string | null = whyNot();

export function limitMemory(name: string, bytes: number): MemoryLimit {
  const first = existsSync('/sys/fs/cgroup/memory');
  const group = join(first ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup', name);
  mkdirSync(group);
  try {
    writeFileSync(join(group, first ? 'memory.limit_in_bytes' : 'memory.max'), String(bytes));
  } catch (cause) {
    rmdirSync(group);
    throw cause;
  }
  const members = join(group, 'cgroup.procs');
  return {
    members,
    add: (pid) => writeFileSync(members, String(pid)),
    remove: () => rmdirSync(group),
  };
}

function whyNot(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux may limit memory';
  const members = '/proc/self/cgroup';
  if (!existsSync(members) || readFileSync(members, 'utf8') === '') return 'there are no control groups';
  try {
    const limit = limitMemory(`medlocker-probe-${process.pid}`, 2 ** 30);
    try {
      // A shell puts itself in and ends.
      execFileSync('sh', ['-c', `echo $$ > '${limit.members}'`], { stdio: 'pipe' });
    } finally {
      limit.remove();
    }
    return null;
  } catch {
    return 'control groups cannot be made here';
  }
}
