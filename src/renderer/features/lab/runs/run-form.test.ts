import { expect, test } from 'vitest';
import type { LabRun, RunKind } from '../../../../shared/contract/lab.ts';
import { FakeBridge } from '../../../state/fake-bridge.ts';
import { RunForm } from './run-form.svelte.ts';

const kind: RunKind = {
  kind: 'train',
  title: 'Train',
  description: '',
  settings: {
    type: 'object',
    properties: {
      source: { type: 'string', format: 'folder-handle' },
      epochs: { type: 'integer', minimum: 1, default: 20 },
      note: { type: 'string' },
    },
    required: ['source'],
  },
  unavailable: null,
};
const folder = { id: '7'.repeat(32), kind: 'folder' as const, name: 'photographs', shown: '/photographs' };

test('nothing is asked while something is missing', async () => {
  const bridge = FakeBridge.install();
  const form = new RunForm(kind);
  expect(await form.start()).toBeNull();
  expect(bridge.channels).toEqual([]);
  expect(form.tried).toBe(true);
  expect(form.values['source']?.problem).toBe('missing');
});

test('what was filled in is sent by id and number, what was left empty is left out', async () => {
  let given: unknown = null;
  const run = { id: '1'.repeat(32) } as unknown as LabRun;
  FakeBridge.install({
    'lab.start': (input) => {
      given = input;
      return run;
    },
  });
  const form = new RunForm(kind);
  form.choose('source', folder);
  form.set('epochs', '3');
  expect(await form.start()).toBe(run);
  expect(given).toEqual({ kind: 'train', settings: { source: folder.id, epochs: 3 } });
});
