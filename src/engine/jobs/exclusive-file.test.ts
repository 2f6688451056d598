import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createExclusively, removeDrafts } from './exclusive-file.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'exclusive-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('createExclusively', () => {
  it('lets exactly one of many win and leaves nothing beside', async () => {
    const path = join(folder, 'lock');
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, index) => createExclusively(path, `${index}`)),
    );
    expect(won.filter((one) => one)).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toBe(String(won.indexOf(true)));
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('wins although others clear drafts away all the time', async () => {
    const path = join(folder, 'lock');
    let clearing = true;
    const cleared = (async () => {
      while (clearing) await removeDrafts(path);
    })();
    for (let round = 0; round < 20; round++) {
      expect(await createExclusively(path, 'mine')).toBe(true);
      await rm(path);
    }
    clearing = false;
    await cleared;
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('removeDrafts', () => {
  it('takes what a killed process left of this file and nothing else', async () => {
    const kept = ['lock', 'lock.txt', 'lock-2.0123456789ab.draft', 'notes.draft'];
    for (const name of [...kept, 'lock.0123456789ab.draft']) await writeFile(join(folder, name), '');
    await removeDrafts(join(folder, 'lock'));
    expect((await readdir(folder)).sort()).toEqual(kept.sort());
  });
});
