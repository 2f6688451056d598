import { expect, it } from 'vitest';
import type { ListedGrader } from '../../shared/contract/graders.ts';
import { failed, FakeBridge } from './fake-bridge.ts';
import { GraderList } from './graders.svelte.ts';
import { notices } from './notices.svelte.ts';

const file = { id: 'f'.repeat(32), kind: 'file' as const, name: 'a.onnx', shown: '/x/a.onnx' };
const grader = { id: 'a'.repeat(64), name: 'a', usable: true } as ListedGrader;

it('imports the file a person chose, and knows it afterwards', async () => {
  const graders = new GraderList();
  const bridge = FakeBridge.install({
    'paths.pickFile': async () => file,
    'graders.import': async () => {
      expect(graders.importing).toBe(true);
      return grader;
    },
    'graders.list': async () => [grader],
  });
  expect(await graders.importChosen()).toEqual(grader);
  expect(bridge.inputsOf('graders.import')).toEqual([{ file: file.id }]);
  expect(graders.list).toEqual([grader]);
  expect(graders.importing).toBe(false);
});

it('does nothing when no file was chosen, and shows why one cannot be imported', async () => {
  const graders = new GraderList();
  const nothing = FakeBridge.install({ 'paths.pickFile': async () => null });
  expect(await graders.importChosen()).toBeNull();
  expect(nothing.inputsOf('graders.import')).toEqual([]);
  FakeBridge.install({
    'paths.pickFile': async () => file,
    'graders.import': async () => failed('model-unreadable', 'not an ONNX file'),
  });
  expect(await graders.importChosen()).toBeNull();
  expect(graders.importing).toBe(false);
  expect(notices.list.map(({ message }) => message)).toContain('not an ONNX file');
});
