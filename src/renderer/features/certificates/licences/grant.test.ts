import { beforeEach, expect, test } from 'vitest';
import type { PathHandle } from '../../../../shared/contract/handles.ts';
import { FakeBridge } from '../../../state/fake-bridge.ts';
import { Grant } from './grant.svelte.ts';
import { endOf } from './licence-fields.ts';

const file: PathHandle = { id: '9'.repeat(32), kind: 'file', name: 'x', shown: '/x' };

let grant: Grant;
beforeEach(() => {
  grant = new Grant();
  grant.job = 'a'.repeat(32);
  grant.licensee = ' Eye Clinic / North ';
  grant.contact = 'contact';
});

test('the last day is allowed to its end, where the person is', () => {
  const end = new Date(endOf('2027-01-31') ?? 0);
  expect([end.getFullYear(), end.getMonth(), end.getDate(), end.getHours()]).toEqual([2027, 0, 31, 23]);
  expect(endOf('')).toBeNull();
});

test('nothing is written when the person names no file', async () => {
  const bridge = FakeBridge.install({ 'paths.pickSave': () => null });
  await grant.write('owner');
  expect(bridge.channels).toEqual(['paths.pickSave']);
});

test('what was put together is what is granted, paths once each', async () => {
  let given: Record<string, unknown> = {};
  let suggested = '';
  FakeBridge.install({
    'paths.pickSave': ({ suggestedName }) => {
      suggested = suggestedName;
      return file;
    },
    'licences.grant': (input) => {
      given = input;
      return {
        licenceId: '1',
        licensee: input.licensee,
        created: '',
        expires: input.expires,
        scope: '2 images',
        file,
      };
    },
  });
  grant.only = 'a.png\n\n b.png \na.png';
  await grant.write('owner');
  expect(suggested).toBe('Eye Clinic - North.licence.json');
  expect(given).toMatchObject({
    ownerKey: 'owner',
    set: { job: 'a'.repeat(32) },
    images: ['a.png', 'b.png'],
    recipient: { contact: 'contact' },
    licensee: 'Eye Clinic / North',
    expires: null,
  });
  expect(grant.result?.scope).toBe('2 images');
});

test('a licence under a passphrase is not ready without one', () => {
  expect(grant.ready).toBe(true);
  grant.recipient = 'passphrase';
  expect(grant.ready).toBe(false);
});
