import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { version } from '../../src/shared/version.ts';

it('states the version of package.json', async () => {
  const text = await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
  expect(version).toBe((JSON.parse(text) as { version: string }).version);
});
