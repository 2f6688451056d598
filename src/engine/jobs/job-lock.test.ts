import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from './job-lock.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-lock-'));
  path = join(folder, 'lock-main');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

function holder(pid: number, host = hostname(), started = ''): string {
  return `${JSON.stringify({ pid, host, started, token: 'x' })}\n`;
}

describe('acquireLock', () => {
  it('is exclusive until it is released, and leaves nothing behind', async () => {
    const lock = await acquireLock(path);
    await expect(acquireLock(path)).rejects.toThrow(`process ${process.pid} is working on this job`);
    await lock.release();
    await (await acquireLock(path)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes over a lock whose process has ended', async () => {
    await writeFile(path, holder(await endedProcess()));
    await (await acquireLock(path)).release();
  });

  it.skipIf(process.platform !== 'linux')(
    'takes over a lock whose process number belongs to a later process (start times are known on Linux only)',
    async () => {
      await writeFile(path, holder(process.pid, hostname(), '1'));
      await (await acquireLock(path)).release();
    },
  );

  it('takes over a lock file with nonsense in it, as a full disk leaves it', async () => {
    await writeFile(path, '{"pid":');
    await (await acquireLock(path)).release();
  });

  it('respects a lock of another machine and says how to get rid of it', async () => {
    await writeFile(path, holder(1, 'another-machine'));
    await expect(acquireLock(path)).rejects.toMatchObject({
      code: 'job-inconsistent',
      message: expect.stringContaining('on another-machine') as unknown,
      hint: expect.stringContaining('delete') as unknown,
    });
  });

  it('does not release what another process has taken over', async () => {
    const lock = await acquireLock(path);
    await writeFile(path, holder(1, 'another-machine'));
    await lock.release();
    expect(await readdir(folder)).toEqual(['lock-main']);
  });
});
