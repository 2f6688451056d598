import { expect, it } from 'vitest';
import type { BenchRow } from './harness.ts';
import { tableText } from './print-table.ts';

const row: BenchRow = { what: 'ratio', n: 9, value: 0.6251, low: 0.6, high: 0.7, spread: 'range', unit: 'x' };

it('says whether a target is reached', () => {
  expect(tableText({ rows: [{ ...row, target: { atMost: 0.8 } }] })).toContain('<= 0.8 reached');
  expect(tableText({ rows: [{ ...row, target: { atLeast: 0.8 } }] })).toContain('>= 0.8 MISSED');
});

it('prints n, value and spread, and the columns that only some rows have', () => {
  const text = tableText({
    rows: [row, { ...row, what: 'other', details: { images: 60 } }],
    notes: ['two threads'],
  });
  expect(text).toMatch(/ratio\s+9\s+0\.625 x\s+0\.6 \.\. 0\.7\n/);
  expect(text).toMatch(/images\n/);
  expect(text).toMatch(/other.*60\n/);
  expect(text).toMatch(/two threads$/);
});
