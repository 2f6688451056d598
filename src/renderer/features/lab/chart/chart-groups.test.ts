import { expect, test } from 'vitest';
import { chartGroups, chartTable } from './chart-groups.ts';

const series = (name: string, yLabel: string, points: { x: number; y: number | null }[]) => ({
  name,
  xLabel: 'epoch',
  yLabel,
  points,
});

test('series of the same axes share a chart', () => {
  const groups = chartGroups([
    series('training loss', 'loss', []),
    series('training accuracy', 'accuracy', []),
    series('validation loss', 'loss', []),
  ]);
  expect(groups.map(({ yLabel, series: { length } }) => [yLabel, length])).toEqual([
    ['loss', 2],
    ['accuracy', 1],
  ]);
});

test('the table has a row for every x, gaps where a series has nothing', () => {
  const [group] = chartGroups([
    series('a', 'loss', [
      { x: 2, y: 0.5 },
      { x: 1, y: 0.9 },
    ]),
    series('b', 'loss', [
      { x: 2, y: null },
      { x: 3, y: 0.1 },
    ]),
  ]);
  expect(group && chartTable(group)).toEqual([
    { x: 1, values: [0.9, null] },
    { x: 2, values: [0.5, null] },
    { x: 3, values: [null, 0.1] },
  ]);
});
