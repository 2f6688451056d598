import { expect, test } from 'vitest';
import type { Prediction } from '../../../../shared/contract/review.ts';
import { groupPredictions } from './prediction-groups.ts';

const answer = (grader: string, role: Prediction['role'], pipeline: string, after: number): Prediction => ({
  grader,
  role,
  pipeline,
  before: 2,
  after,
  control: 2,
  confidenceBefore: 0.8,
  confidenceAfter: 0.6,
});

test('surrogates come first, pipelines keep their order, changed answers are counted', () => {
  const groups = groupPredictions([
    answer('b', 'victim', 'direct', 2),
    answer('a', 'surrogate', 'direct', 0),
    answer('a', 'surrogate', 'jpeg', 2),
  ]);
  expect(groups.map(({ grader, changed }) => [grader, changed])).toEqual([
    ['a', 1],
    ['b', 0],
  ]);
  expect(groups[0]?.rows.map(({ pipeline }) => pipeline)).toEqual(['direct', 'jpeg']);
});
