import { expect, test } from 'vitest';
import { arrowStep, commandOf, commands } from './keyboard.ts';

const plain = { ctrlKey: false, altKey: false, metaKey: false };

test('no key has two meanings', () => {
  const keys = Object.values(commands).flat();
  expect(new Set(keys).size).toBe(keys.length);
});

test('a letter is a command, with Ctrl it is the system’s', () => {
  expect(commandOf({ key: 'a', ...plain })).toBe('approve');
  expect(commandOf({ key: 'a', ...plain, ctrlKey: true })).toBeNull();
  expect(commandOf({ key: '§', ...plain })).toBeNull();
});

test('the smaller and the larger loupe differ by Shift', () => {
  expect(commandOf({ key: 'k', ...plain })).toBe('loupeSmaller');
  expect(commandOf({ key: 'K', ...plain })).toBe('loupeLarger');
});

test('Shift makes arrow steps ten times as long', () => {
  expect(arrowStep({ key: 'ArrowLeft', shiftKey: false })).toEqual({ dx: -1, dy: 0 });
  expect(arrowStep({ key: 'ArrowDown', shiftKey: true })).toEqual({ dx: 0, dy: 10 });
  expect(arrowStep({ key: 'x', shiftKey: true })).toBeNull();
});
