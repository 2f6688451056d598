import { beforeEach, expect, test } from 'vitest';
import type { PathHandle } from '../../../../shared/contract/handles.ts';
import { FakeBridge } from '../../../state/fake-bridge.ts';
import { Restoring } from './restoring.svelte.ts';

const handle = (digit: string): PathHandle => ({
  id: digit.repeat(32),
  kind: 'folder',
  name: digit,
  shown: `/${digit}`,
});

let restoring: Restoring;
beforeEach(() => {
  restoring = new Restoring();
  restoring.set = handle('1');
  restoring.out = handle('2');
});

test('each way in asks for what it needs', () => {
  expect(restoring.ready).toBe(false);
  restoring.ownerKey = 'owner';
  expect(restoring.ready).toBe(true);
  restoring.access = 'licence';
  expect(restoring.ready).toBe(false);
  restoring.licence = handle('3');
  restoring.recipientKey = 'recipient';
  expect(restoring.ready).toBe(true);
  restoring.access = 'passphrase';
  expect(restoring.ready).toBe(false);
  restoring.passphrase = 'secret';
  expect(restoring.ready).toBe(true);
});

test('counts what came back bit for bit, and forgets the passphrase', async () => {
  let given: unknown = null;
  const image = { path: 'a', exact: true, originalPixelsSha256: 'f', reason: null, code: null };
  FakeBridge.install({
    'certificates.restore': ({ access }) => {
      given = access;
      return { out: handle('2'), images: [image, { ...image, path: 'b', exact: false, reason: 'altered' }] };
    },
  });
  restoring.access = 'passphrase';
  restoring.licence = handle('3');
  restoring.passphrase = 'secret';
  await restoring.run();
  expect(given).toEqual({ kind: 'passphrase', licence: '3'.repeat(32), passphrase: 'secret' });
  expect(restoring.exact).toBe(1);
  expect(restoring.passphrase).toBe('');
});
