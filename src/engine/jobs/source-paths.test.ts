import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInside, realPathOfPlanned, resolveJobPaths } from './source-paths.ts';

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'medlocker-paths-')));
  await mkdir(join(root, 'images/deep'), { recursive: true });
  await writeFile(join(root, 'images/eye.png'), 'x');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (path: string) => join(root, path);

describe('resolveJobPaths', () => {
  it('takes folders that lie apart, the output need not exist', async () => {
    expect(await resolveJobPaths(at('images'), at('new/out'))).toEqual({
      source: at('images'),
      onlyFile: undefined,
      out: at('new/out'),
    });
  });

  it('takes a single file', async () => {
    const paths = await resolveJobPaths(at('images/eye.png'), at('out'));
    expect(paths).toMatchObject({ source: at('images'), onlyFile: 'eye.png' });
  });

  it.each([
    ['equal to the source', 'images', 'images'],
    ['in the source', 'images', 'images/out'],
    ['around the source', 'images/deep', 'images'],
  ])('refuses an output %s', async (_name, source, out) => {
    await expect(resolveJobPaths(at(source), at(out))).rejects.toMatchObject({ code: 'usage' });
  });

  it('is not deceived by symbolic links', async () => {
    await symlink(at('images/deep'), at('elsewhere'));
    await expect(resolveJobPaths(at('images'), at('elsewhere/out'))).rejects.toThrow(
      'lies in the source folder',
    );
  });

  it('is not deceived by names that begin alike', async () => {
    expect((await resolveJobPaths(at('images'), at('images-protected'))).out).toBe(at('images-protected'));
  });
});

describe('isInside', () => {
  it.each([
    ['/a/b', '/a', true],
    ['/a', '/a', true],
    ['/ab', '/a', false],
    ['/a', '/a/b', false],
    ['/a/..b', '/a', true],
    ['/b', '/', true],
  ])('%s in %s: %s', (path, folder, inside) => {
    expect(isInside(path, folder)).toBe(inside);
  });
});

describe('realPathOfPlanned', () => {
  it('resolves what exists and keeps the rest', async () => {
    await symlink(at('images'), at('link'));
    expect(await realPathOfPlanned(at('link/x/y'))).toBe(at('images/x/y'));
  });
});
