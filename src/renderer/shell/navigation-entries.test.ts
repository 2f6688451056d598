import { expect, it } from 'vitest';
import { screens } from '../../shared/contract/screens.ts';
import { navigationEntries, screenOfKey } from './navigation-entries.ts';

const key = (name: string, held: Partial<KeyboardEvent> = {}) => ({
  key: name,
  ctrlKey: true,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

it('goes to the seven screens by Ctrl and a digit', () => {
  expect(['1', '2', '3', '4', '5', '6', '7'].map((digit) => screenOfKey(key(digit)))).toEqual([
    'start',
    'protect',
    'review',
    'certificates',
    'lab',
    'settings',
    'about',
  ]);
});

it('leaves every other key alone', () => {
  expect(screenOfKey(key('8'))).toBeNull();
  expect(screenOfKey(key('0'))).toBeNull();
  expect(screenOfKey(key('1', { ctrlKey: false }))).toBeNull();
  expect(screenOfKey(key('1', { shiftKey: true }))).toBeNull();
  expect(screenOfKey(key('1', { ctrlKey: false, metaKey: true }))).toBe('start');
});

it('has the order of the menu', () => {
  expect(navigationEntries.map(({ screen }) => screen)).toEqual(screens);
});
