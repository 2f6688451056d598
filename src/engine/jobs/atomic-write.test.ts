import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../shared/failure.ts';
import { isTemporaryName, notWritable, removeLeftovers, writeAtomically } from './atomic-write.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-atomic-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('writeAtomically', () => {
  it('makes missing folders and leaves nothing but the file', async () => {
    await writeAtomically(join(folder, 'a/b/c.txt'), 'words');
    expect(await readFile(join(folder, 'a/b/c.txt'), 'utf8')).toBe('words');
    expect(await readdir(join(folder, 'a/b'))).toEqual(['c.txt']);
  });

  it('replaces an older file whole', async () => {
    await writeFile(join(folder, 'x'), 'a much longer older content');
    await writeAtomically(join(folder, 'x'), 'new');
    expect(await readFile(join(folder, 'x'), 'utf8')).toBe('new');
  });

  it('explains a folder in the way and leaves no temporary file', async () => {
    await mkdir(join(folder, 'taken/inner'), { recursive: true });
    const error = await writeAtomically(join(folder, 'taken'), 'x').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).code).toBe('output-not-writable');
    expect(await readdir(folder)).toEqual(['taken']);
  });

  it('keeps a secret file from other users', async () => {
    await writeAtomically(join(folder, 'secret'), 'x', 'keys', 0o600);
    expect((await stat(join(folder, 'secret'))).mode & 0o077).toBe(0);
  });
});

describe('removeLeftovers', () => {
  it("removes only this writer's temporary files, wherever they lie", async () => {
    await mkdir(join(folder, 'deep'));
    const mine = '.eye.png.1-of-2.0123456789ab.medlocker-tmp';
    const others = '.eye.png.2-of-2.0123456789ab.medlocker-tmp';
    for (const name of [mine, others, 'eye.png', '.hidden']) await writeFile(join(folder, 'deep', name), '');
    expect(await removeLeftovers(folder, '1-of-2')).toEqual([join(folder, 'deep', mine)]);
    expect((await readdir(join(folder, 'deep'))).sort()).toEqual([others, '.hidden', 'eye.png'].sort());
    expect([isTemporaryName(mine), isTemporaryName('eye.png')]).toEqual([true, false]);
  });

  it('is content with a folder that does not exist', async () => {
    expect(await removeLeftovers(join(folder, 'nowhere'))).toEqual([]);
  });
});

describe('notWritable', () => {
  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'the file system is read-only'],
    ['EDQUOT', 'the disk quota is used up'],
  ])('says what %s means and what to do', (code, words) => {
    const failure = notWritable('/out/a.png', Object.assign(new Error('write'), { code }));
    expect(failure.message).toBe(`cannot write /out/a.png: ${words}`);
    expect(failure.hint).toContain('start the same command again');
  });
});
