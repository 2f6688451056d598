import { beforeEach, expect, it } from 'vitest';
import type { WindowSettings } from '../../shared/contract/app.ts';
import { failed, FakeBridge } from './fake-bridge.ts';
import { notices } from './notices.svelte.ts';
import { Preferences } from './preferences.svelte.ts';

const settings: WindowSettings = {
  theme: 'system',
  language: 'de',
  threads: 2,
  ownerKey: null,
  reviewRequired: false,
  welcomed: false,
};

let systemChanges: (event: { matches: boolean }) => void;

beforeEach(() => {
  Object.assign(globalThis, {
    matchMedia: () => ({
      matches: false,
      addEventListener: (_: string, listener: typeof systemChanges) => (systemChanges = listener),
    }),
  });
});

it('follows the system while its theme is asked for, and only then', async () => {
  const bridge = FakeBridge.install({ 'settings.get': async () => settings });
  const preferences = new Preferences();
  await preferences.open();
  expect(preferences.isDark).toBe(false);
  systemChanges({ matches: true });
  expect(preferences.isDark).toBe(true);
  bridge.send('settings.changed', { ...settings, theme: 'light' });
  expect(preferences.isDark).toBe(false);
});

it('keeps what main has stored, also when a change fails', async () => {
  FakeBridge.install({
    'settings.get': async () => settings,
    'settings.set': async () => failed('output-not-writable', 'the disk is full'),
  });
  const preferences = new Preferences();
  await preferences.open();
  await preferences.change({ language: 'zh' });
  expect(preferences.current.language).toBe('de');
  expect(notices.list.map(({ message }) => message)).toContain('the disk is full');
});
