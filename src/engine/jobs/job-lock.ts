import { link, readFile, rename, rm } from 'node:fs/promises';
import { readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { Failure } from '../../shared/failure.ts';
import { createExclusively, removeDrafts } from './exclusive-file.ts';

const lockSchema = z.strictObject({
  pid: z.int().min(1),
  host: z.string(),
  /** Start of the process in the system's own clock ticks (Linux), so that a reused process number is noticed. */
  started: z.string(),
  token: z.string(),
});

type LockContent = z.infer<typeof lockSchema>;

export interface JobLock {
  release(): Promise<void>;
  /** For the hard stop, when nothing may be awaited any more. */
  releaseNow(): void;
}

/**
 * Makes this process the only one that works on a job. A lock whose process is gone (killed, power cut) is taken over.
 * @throws Failure job-inconsistent when another live process, or a process of another machine, holds it
 */
export async function acquireLock(path: string): Promise<JobLock> {
  const content: LockContent = {
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid) ?? '',
    token: crypto.randomUUID(),
  };
  const text = `${JSON.stringify(content)}\n`;
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await createExclusively(path, text)) {
      await removeDrafts(path);
      return holding(path, text);
    }
    await removeIfStale(path);
  }
  throw new Failure('job-inconsistent', `another process keeps taking the lock ${path}`, {
    subject: path,
    hint: 'Wait for the other MedLocker process to end.',
  });
}

function holding(path: string, text: string): JobLock {
  const isOurs = (found: string) => found === text;
  return {
    async release() {
      if (isOurs(await readFile(path, 'utf8').catch(() => ''))) await rm(path, { force: true });
    },
    releaseNow() {
      try {
        if (isOurs(readFileSync(path, 'utf8'))) rmSync(path, { force: true });
      } catch {
        // Gone already; a lock left behind is recognised as stale by the next run.
      }
    },
  };
}

async function removeIfStale(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return;
  const holder = readLock(text);
  if (holder !== null && isAlive(holder)) {
    const where =
      holder.host === hostname() ? `process ${holder.pid}` : `process ${holder.pid} on ${holder.host}`;
    throw new Failure('job-inconsistent', `${where} is working on this job (${path})`, {
      subject: path,
      hint:
        holder.host === hostname()
          ? 'Wait until it ends, or stop it.'
          : `If that machine no longer works on it, delete ${path} and start again.`,
    });
  }
  // Moved away first: should another process have replaced the stale lock meanwhile, its lock is put back.
  const aside = `${path}.${crypto.randomUUID()}.stale`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => text);
  if (moved !== text) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function readLock(text: string): LockContent | null {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A process of another machine counts as alive: nothing here can tell. */
function isAlive(holder: LockContent): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startOf(holder.pid);
  return started === null || holder.started === '' || started === holder.started;
}

/** Field 22 of /proc/PID/stat (proc(5)): start after boot in clock ticks. Null where the system has no such file. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not asked for the exit status yet.
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? null);
  } catch {
    return null;
  }
}
