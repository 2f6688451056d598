import { expect, it } from 'vitest';
import { afterTold, type RunRecord } from './run-record.ts';
import type { Told } from './run-wire.ts';

const record: RunRecord = {
  id: '0'.repeat(32),
  ...{ kind: 'train', title: '', created: '', settings: {}, state: { status: 'running' } },
  ...{ progress: null, etaSeconds: null, metrics: [], series: [], tables: [], notes: [], given: null },
};
const point = (x: number, name = 'loss') =>
  ({ kind: 'point', series: { name, xLabel: 'epoch', yLabel: 'loss' }, point: { x, y: x } }) as const;

it('keeps the latest figure and table of a name, in the order they were first told', () => {
  const table = (rows: number[][]): Told => ({ kind: 'table', table: { title: 't', columns: ['n'], rows } });
  const metric = (name: string, value: number): Told => ({ kind: 'metric', name, value });
  const told = [metric('a', 1), metric('b', 2), metric('a', 3), table([[1]]), table([[2]])];
  const after = told.reduce(afterTold, record);
  expect(after.metrics).toEqual([
    { name: 'a', value: 3 },
    { name: 'b', value: 2 },
  ]);
  expect(after.tables).toEqual([{ title: 't', columns: ['n'], rows: [[2]] }]);
});

it('thins a long series out, keeps its ends, and leaves other series alone', () => {
  let after = afterTold(record, point(0, 'other'));
  for (let x = 1; x <= 5000; x++) after = afterTold(after, point(x));
  const [other, loss] = after.series;
  expect(other?.points).toEqual([{ x: 0, y: 0 }]);
  const xs = loss?.points.map(({ x }) => x) ?? [];
  expect(xs.length).toBeLessThanOrEqual(600);
  expect(xs.length).toBeGreaterThan(250);
  expect([xs[0], xs.at(-1)]).toEqual([1, 5000]);
  expect(xs).toEqual(xs.toSorted((a, b) => a - b));
});

it('replaces what a series had from a point on, when a resumed run tells it again', () => {
  const first = [1, 2, 3, 4].map((x) => point(x)).reduce(afterTold, record);
  const again = [1, 2].map((x) => ({ ...point(x), point: { x, y: 10 * x } })).reduce(afterTold, first);
  expect(again.series[0]?.points).toEqual([
    { x: 1, y: 10 },
    { x: 2, y: 20 },
  ]);
});
