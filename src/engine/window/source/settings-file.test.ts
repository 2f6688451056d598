import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SettingsFile } from '../../../shared/settings-file.ts';
import { readSettingsFile, writeSettingsFile } from './settings-file.ts';

const settings: SettingsFile = {
  format: 'medlocker-settings/1',
  name: 'mine',
  choice: { preset: 'balanced', seed: 1, opacity: 0.5 },
  zoneSource: 'auto',
  landmarks: true,
  dilation: null,
  allowUnannotated: false,
  outputFormat: 'png',
  stripMetadata: false,
  rights: '',
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-settings-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('reads what it wrote', async () => {
  const path = join(folder, 'mine.json');
  await writeSettingsFile(path, settings);
  expect(await readSettingsFile(path)).toEqual(settings);
});

it.each([
  ['no JSON', '{', 'not JSON'],
  ['another format', JSON.stringify({ ...settings, format: 'medlocker-settings/9' }), 'format'],
  ['no object', 'null', 'format'],
  [
    'a value out of range',
    JSON.stringify({ ...settings, choice: { ...settings.choice, opacity: 2 } }),
    'choice.opacity',
  ],
  ['an unknown setting', JSON.stringify({ ...settings, colour: 'red' }), 'colour'],
])('refuses %s and says so', async (_, text, why) => {
  const path = join(folder, 'bad.json');
  await writeFile(path, text);
  await expect(readSettingsFile(path)).rejects.toMatchObject({
    code: 'settings-invalid',
    message: expect.stringContaining(why),
  });
});

it('says that a file is not there', async () => {
  await expect(readSettingsFile(join(folder, 'none.json'))).rejects.toMatchObject({
    code: 'settings-invalid',
    message: expect.stringContaining('does not exist'),
  });
});
