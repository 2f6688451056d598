import { beforeEach, expect, it } from 'vitest';
import type { Key } from '../../shared/contract/certificates.ts';
import { FakeBridge } from './fake-bridge.ts';
import { KeyList } from './keys.svelte.ts';
import { preferences } from './preferences.svelte.ts';

const key = (id: string, some: Partial<Key> = {}): Key => ({
  id,
  kind: 'owner',
  name: id,
  created: null,
  publicKey: id,
  unlocked: false,
  remembered: false,
  ...some,
});

beforeEach(() => {
  preferences.current = { ...preferences.current, ownerKey: null };
});

it('signs with the key of the settings, else with the first owner key, never with a recipient key', async () => {
  FakeBridge.install({
    'keys.list': async () => [key('r', { kind: 'recipient' }), key('a'), key('b')],
  });
  const keys = new KeyList();
  expect(keys.owner).toBeNull();
  await keys.refresh();
  expect(keys.owner?.id).toBe('a');
  preferences.current = { ...preferences.current, ownerKey: 'b' };
  expect(keys.owner?.id).toBe('b');
  preferences.current = { ...preferences.current, ownerKey: 'gone' };
  expect(keys.owner?.id).toBe('a');
});

it('takes an unlocked key in the place of the locked one', () => {
  FakeBridge.install();
  const keys = new KeyList();
  keys.take(key('a'));
  keys.take(key('b'));
  keys.take(key('a', { unlocked: true }));
  expect(keys.list.map(({ id, unlocked }) => [id, unlocked])).toEqual([
    ['a', true],
    ['b', false],
  ]);
});
