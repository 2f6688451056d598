import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureBuildTools } from './system-packages.mjs';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-tools-'));
  vi.stubEnv('PATH', folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

// Programs of a machine of our own: a PATH of shell scripts that write down how they were called.
describe.skipIf(process.platform !== 'linux')('ensureBuildTools (Linux only)', () => {
  it('installs nothing when everything is there', async () => {
    await program('g++');
    await program('python3');
    await program('apt-get');
    await ensureBuildTools({ mayInstall: true });
    expect(await calls()).toEqual(['python3 -m pip --version']);
  });

  it('installs exactly what is missing', async () => {
    await program('python3', 'exit 1');
    await program('apt-get');
    await ensureBuildTools({ mayInstall: true });
    expect(await calls()).toEqual([
      'python3 -m pip --version',
      'apt-get update',
      'apt-get install -y --no-install-recommends g++ python3-pip',
    ]);
  });

  it('names the one command to run where it may not install', async () => {
    await expect(ensureBuildTools({ mayInstall: false })).rejects.toThrow(
      'sudo apt-get install -y --no-install-recommends g++ python3 python3-pip',
    );
  });

  it('passes the words of apt-get on when that fails', async () => {
    await program('apt-get', 'echo "Unable to fetch some archives" >&2; exit 100');
    await expect(ensureBuildTools({ mayInstall: true })).rejects.toThrow(
      /code 100:\nUnable to fetch some archives/,
    );
  });
});

async function program(name: string, ending = 'exit 0'): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho "${name} $*" >> "${join(folder, 'calls')}"\n${ending}\n`);
  await chmod(path, 0o755);
}

async function calls(): Promise<string[]> {
  return (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
}
