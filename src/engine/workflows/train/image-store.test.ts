import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImageStore } from './image-store.ts';

const size = 12;
const picture = (value: number): Uint8Array => new Uint8Array(size).fill(value);
let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'images-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('openImageStore', () => {
  it('gives back every picture, those beyond the memory from a file that is gone afterwards', async () => {
    const store = openImageStore(join(folder, 'scratch'), size, 2 * size);
    const keys = [1, 2, 3, 4, 5, 6, 7];
    expect(await Promise.all(keys.map((key) => store.add(key, picture(key))))).toEqual(keys.map(() => true));
    expect(await readdir(folder)).toEqual(['scratch']);
    expect(await Promise.all(keys.map((key) => store.read(key)))).toEqual(keys.map(picture));
    expect(await store.read(8)).toBeUndefined();
    await store.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('makes no file while memory suffices', async () => {
    const store = openImageStore(join(folder, 'unused'), size, 2 * size);
    await store.add('a', picture(1));
    expect(await readdir(folder)).toEqual([]);
    await store.close();
    expect(await store.read('a')).toEqual(picture(1));
  });

  it('says what it could not keep where the disk has no room', async () => {
    const store = openImageStore(join(folder, 'no such folder', 'scratch'), size, size);
    expect([await store.add(1, picture(1)), await store.add(2, picture(2))]).toEqual([true, false]);
    expect(await store.read(2)).toBeUndefined();
    await store.close();
  });
});
