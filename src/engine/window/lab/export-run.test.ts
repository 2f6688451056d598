import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import type { LabRun } from '../../../shared/contract/lab.ts';
import { runAsCsv, runAsJson } from './export-run.ts';

const run: LabRun = {
  id: '0'.repeat(32),
  kind: 'train',
  title: 'Train a grader: eyes, left',
  created: '2026-01-02T03:04:05.000Z',
  settings: { name: '=HYPERLINK("x")', epochs: 3, grades: [0, 1] },
  state: { status: 'done' },
  progress: 1,
  etaSeconds: null,
  metrics: [{ name: 'kappa', value: null }],
  series: [
    {
      name: 'loss',
      xLabel: 'epoch',
      yLabel: 'loss',
      points: [
        { x: 1, y: 0.5 },
        { x: 2, y: null },
      ],
    },
  ],
  tables: [{ title: 'a "quoted" title', columns: ['figure', 'value'], rows: [['difference', -0.25]] }],
  notes: [],
  out: null,
  resumable: false,
};

it('gives spreadsheets blocks that an independent reader takes apart', () => {
  const rows: string[][] = parse(runAsCsv(run), { relax_column_count: true, skip_empty_lines: true });
  expect(rows).toEqual([
    ['Train a grader: eyes, left'],
    ['setting', 'value'],
    ['name', `'=HYPERLINK("x")`],
    ['epochs', '3'],
    ['grades', '[0,1]'],
    ['Figures'],
    ['figure', 'value'],
    ['kappa', ''],
    ['a "quoted" title'],
    ['figure', 'value'],
    ['difference', '-0.25'],
    ['loss'],
    ['epoch', 'loss'],
    ['1', '0.5'],
    ['2', ''],
  ]);
});

it('gives programs everything the run told', () => {
  const { kind, settings, metrics, series, tables } = run;
  expect(JSON.parse(runAsJson(run))).toMatchObject({
    ...{ format: 'medlocker-run/1', kind, settings, status: 'done', metrics, series, tables },
  });
});
