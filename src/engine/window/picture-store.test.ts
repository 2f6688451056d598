import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Raster8 } from '../../ml/imaging/raster.ts';
import { PictureStore } from './picture-store.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'pictures-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('PictureStore', () => {
  it('keeps exact pixels exactly and halves them level by level', async () => {
    const store = await PictureStore.open(join(folder, 'exact'));
    const raster = noise(500, 300);
    const picture = await store.make('a', async () => raster, { lossless: true });
    expect(picture.levels).toEqual([
      { width: 500, height: 300 },
      { width: 250, height: 150 },
    ]);
    const file = join(folder, 'exact', picture.id, '0.png');
    expect(new Uint8Array(await sharp(file).raw().toBuffer())).toEqual(raster.data);
    expect(await readdir(join(folder, 'exact', picture.id))).toEqual(['0.png', '1.png']);
  });

  it('makes a picture once, and again only after it had to give way', async () => {
    const store = await PictureStore.open(join(folder, 'full'), 100_000);
    const made: string[] = [];
    const ask = (key: string) =>
      store.make(
        key,
        async () => {
          made.push(key);
          return noise(120, 100);
        },
        { lossless: true },
      );
    const first = await ask('a');
    await ask('b');
    await ask('a');
    await ask('c');
    expect(made).toEqual(['a', 'b', 'c']);
    expect(await readdir(join(folder, 'full'))).toContain(first.id);
    await ask('b');
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });
});

/** Incompressible: 36 kB a picture of 120 x 100. */
function noise(width: number, height: number): Raster8 {
  const data = new Uint8Array(width * height * 3);
  let state = 1;
  for (let p = 0; p < data.length; p++) data[p] = (state = (state * 48271) % 2147483647) >> 8;
  return { width, height, channels: 3, bitDepth: 8, data };
}
