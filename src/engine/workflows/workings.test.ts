import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWorkings, writeWorkings, type Workings } from './workings.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'workings-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const workings: Workings = {
  stamps: [stampOf(3, 2, 7), stampOf(1, 4, 50)],
  found: {
    lesions: [{ box: { x: 1, y: 2, width: 3, height: 4 }, class: 'haemorrhage' }],
    disc: { x: 10.5, y: 20, radius: 8 },
    fovea: null,
  },
};

describe('workings', () => {
  it('come back as they were written', async () => {
    const path = join(folder, 'deep', 'a.gz');
    await writeWorkings(path, workings, 'test');
    expect(await readWorkings(path)).toEqual(workings);
  });

  it('are null where there are none and where any part of them is damaged', async () => {
    const path = join(folder, 'b.gz');
    expect(await readWorkings(path)).toBeNull();
    await writeWorkings(path, workings, 'test');
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 20));
    expect(await readWorkings(path)).toBeNull();
    await writeFile(path, 'not gzip');
    expect(await readWorkings(path)).toBeNull();
  });
});

function stampOf(width: number, height: number, value: number): Workings['stamps'][number] {
  const opacity = Uint8Array.from({ length: width * height }, (_, p) => value + p);
  const ink = Uint8Array.from({ length: width * height * 3 }, (_, p) => 255 - p);
  return { x: value, y: value + 1, stamp: { width, height, opacity, ink } };
}
