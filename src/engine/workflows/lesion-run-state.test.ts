import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { readLesionRun, writeLesionRun } from './lesion-run-state.ts';

let folder: string;
let said: string[];
const values = Uint8Array.from({ length: 40 }, (_, i) => i);
const read = (identity = 'this run') => readLesionRun(folder, identity, (line) => said.push(line));

beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'lesion-run-'))));
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  said = [];
  await writeLesionRun(folder, 'this run', { step: 7, values }, 'test');
});

it('gives back what was kept, and nothing where nothing was', async () => {
  const state = await read();
  expect(state?.step).toBe(7);
  expect(Buffer.from(state?.values ?? []).equals(values)).toBe(true);
  await rm(join(folder, '.train-lesions.state'));
  expect(await read()).toBeNull();
  expect(said).toEqual([]);
});

it.each([1, 39, 60, 100])(
  'says that a state cut short by %i bytes starts the training anew',
  async (bytes) => {
    const path = join(folder, '.train-lesions.state');
    await truncate(path, (await stat(path)).size - bytes);
    expect(await read()).toBeNull();
    expect(said).toEqual([expect.stringMatching(/\.train-lesions\.state is cut short .* starts anew/)]);
    expect(await readdir(folder)).toEqual([]);
  },
);

it('says that a state belongs to another run', async () => {
  expect(await read('another run')).toBeNull();
  expect(said).toEqual([expect.stringMatching(/of a run with other settings or images/)]);
});
