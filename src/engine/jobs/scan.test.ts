import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanSource } from './scan.ts';

let root: string;
let outside: string;

async function put(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), 'x');
  }
}

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'medlocker-scan-')));
  outside = await realpath(await mkdtemp(join(tmpdir(), 'medlocker-outside-')));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
  await rm(outside, { recursive: true, force: true });
});

const paths = (entries: readonly { readonly path: string }[]) => entries.map(({ path }) => path);

describe('scanSource', () => {
  it('lists images of all folders, sorted, whatever the case of their extension', async () => {
    await put('b.png', 'a/z.JPG', 'a/b/c.tiff', 'B.webp');
    const { files, skipped } = await scanSource(root);
    expect(paths(files)).toEqual(['B.webp', 'a/b/c.tiff', 'a/z.JPG', 'b.png']);
    expect(skipped).toEqual([]);
  });

  it('leaves out the rest with a reason each', async () => {
    await put('.hidden.png', 'notes.txt', 'scan.dcm', '.git/eye.png', 'Thumbs.db');
    const { files, skipped } = await scanSource(root);
    expect(files).toEqual([]);
    expect(Object.fromEntries(skipped.map(({ path, reason }) => [path, reason]))).toEqual({
      '.git': 'hidden or system file',
      '.hidden.png': 'hidden or system file',
      'Thumbs.db': 'hidden or system file',
      'notes.txt': 'not an image by its name',
      'scan.dcm': 'DICOM is not supported: export PNG or TIFF',
    });
  });

  it('follows links to files of the tree only, and cuts loops', async () => {
    await put('real.png', 'deep/x.png');
    await writeFile(join(outside, 'secret.png'), 'x');
    await symlink(join(root, 'real.png'), join(root, 'inner.png'));
    await symlink(join(outside, 'secret.png'), join(root, 'outer.png'));
    await symlink(root, join(root, 'deep/again'));
    await symlink(join(root, 'b.png'), join(root, 'a.png'));
    await symlink(join(root, 'a.png'), join(root, 'b.png'));
    const { files, skipped } = await scanSource(root);
    expect(paths(files)).toEqual(['deep/x.png', 'inner.png', 'real.png']);
    expect(Object.fromEntries(skipped.map(({ path, reason }) => [path, reason]))).toEqual({
      'a.png': 'symbolic links that go round in a circle',
      'b.png': 'symbolic links that go round in a circle',
      'deep/again': 'symbolic link to a folder of the source',
      'outer.png': 'symbolic link to outside the source folder',
    });
  });

  it('does not take a neighbour folder for the tree because its name begins alike', async () => {
    const neighbour = `${root}-private`;
    await mkdir(neighbour);
    await writeFile(join(neighbour, 'eye.png'), 'x');
    await symlink(join(neighbour, 'eye.png'), join(root, 'eye.png'));
    const { files, skipped } = await scanSource(root);
    await rm(neighbour, { recursive: true });
    expect(files).toEqual([]);
    expect(skipped[0]?.reason).toBe('symbolic link to outside the source folder');
  });

  it('leaves excluded folders out without a word', async () => {
    await put('eye.png', 'lesions/eye_MA.png');
    const { files, skipped } = await scanSource(root, { exclude: [join(root, 'lesions')] });
    expect(paths(files)).toEqual(['eye.png']);
    expect(skipped).toEqual([]);
  });

  it('stops when it is told to', async () => {
    await put('eye.png');
    await expect(scanSource(root, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });
});
