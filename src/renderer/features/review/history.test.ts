import { expect, test } from 'vitest';
import { beginHistory, record, redo, undo } from './history.ts';

test('undo and redo walk through the states', () => {
  const three = record(record(beginHistory('a'), 'b'), 'c');
  expect(undo(undo(three)).present).toBe('a');
  expect(redo(redo(undo(undo(three)))).present).toBe('c');
});

test('at either end nothing happens', () => {
  const start = beginHistory('a');
  expect(undo(start)).toBe(start);
  expect(redo(start)).toBe(start);
});

test('a new state after an undo cannot be undone forward', () => {
  const changed = record(undo(record(beginHistory('a'), 'b')), 'c');
  expect(redo(changed).present).toBe('c');
  expect(undo(changed).present).toBe('a');
});

test('the past does not grow without end', () => {
  let history = beginHistory(0);
  for (let state = 1; state <= 1000; state++) history = record(history, state);
  expect(history.past.length).toBe(200);
  expect(undo(history).present).toBe(999);
});
