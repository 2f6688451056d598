import { expect, it } from 'vitest';
import { architectures } from '../../../../ml/models/architectures/architectures.ts';
import { bundledBackbones } from '../../../workflows/bundled-backbones.ts';
import { settingsForm } from '../settings-form.ts';
import { trainJobSchema } from '../../../../shared/train-job.ts';
import { trainKind } from './train.ts';

const { properties } = settingsForm(trainKind) as {
  properties: Record<string, { enum?: string[]; pattern?: string }>;
};

it('offers every architecture and every bundled backbone there is', async () => {
  expect(properties['architecture']?.enum?.toSorted()).toEqual(Object.keys(architectures).sort());
  const backbones = (await bundledBackbones()).map(({ name }) => name);
  expect(properties['init']?.enum?.toSorted()).toEqual(['random', ...backbones].sort());
});

it('takes names with capital letters, in the form as in the job', () => {
  expect(new RegExp(properties['name']?.pattern ?? '$^').test('Grader-2')).toBe(true);
});

it('asks for everything a training is decided by', () => {
  // The run has a folder of its own, and threads are a setting of the program.
  const decided = Object.keys(trainJobSchema.shape).filter((name) => name !== 'out' && name !== 'threads');
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(decided));
});
