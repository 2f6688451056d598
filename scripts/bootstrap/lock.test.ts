import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { alone } from './lock.mjs';

let file: string;

beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'medlocker-lock-')), 'setup.lock');
});

afterEach(async () => {
  await rm(join(file, '..'), { recursive: true });
});

it('lets one process at a time in', async () => {
  const log = `${file}.log`;
  const program = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as wait } from 'node:timers/promises';
    const { alone } = await import(${JSON.stringify(join(import.meta.dirname, 'lock.mjs'))});
    await alone(async () => {
      appendFileSync(${JSON.stringify(log)}, 'in ');
      await wait(150);
      appendFileSync(${JSON.stringify(log)}, 'out ');
    }, ${JSON.stringify(file)});
  `;
  const children = [1, 2, 3].map(() => spawn(process.execPath, ['--input-type=module', '-e', program]));
  const codes = await Promise.all(children.map((child) => once(child, 'close')));
  expect(codes.map(([code]) => code as number)).toEqual([0, 0, 0]);
  expect(await readFile(log, 'utf8')).toBe('in out in out in out ');
});

it('takes over from a process that died', async () => {
  const dead = spawn(process.execPath, ['-e', '']);
  await once(dead, 'close');
  await writeFile(file, String(dead.pid));
  expect(await alone(() => Promise.resolve('done'), file)).toBe('done');
});

it('is free again after a step that fails', async () => {
  await expect(alone(() => Promise.reject(new Error('no network')), file)).rejects.toThrow('no network');
  expect(await alone(() => Promise.resolve('done'), file)).toBe('done');
});
