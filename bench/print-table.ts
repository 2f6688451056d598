import type { BenchRow, BenchTable } from './harness.ts';
import { reaches } from './harness.ts';

/** The table as text: columns padded, numbers with three significant digits, the target and whether it is reached. */
export function tableText(table: BenchTable): string {
  const extra = [...new Set(table.rows.flatMap((row) => Object.keys(row.details ?? {})))];
  const header = ['', 'n', 'value', 'from .. to', 'target', ...extra];
  const body = table.rows.map((row) => [
    row.what,
    String(row.n),
    `${number(row.value)} ${row.unit}`.trim(),
    spreadText(row),
    targetText(row),
    ...extra.map((name) => cell(row.details?.[name])),
  ]);
  const lines = [header, ...body];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const text = lines.map((line) =>
    line
      .map((value, column) => value.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...text, ...(table.notes ?? []).map((note) => `  ${note}`)].join('\n');
}

function spreadText(row: BenchRow): string {
  if (row.spread === 'exact') return '';
  const label = row.spread === 'interval95' ? ' (95 %)' : '';
  return `${number(row.low)} .. ${number(row.high)}${label}`;
}

function targetText(row: BenchRow): string {
  if (row.target === undefined) return '';
  const limit =
    'atMost' in row.target ? `<= ${number(row.target.atMost)}` : `>= ${number(row.target.atLeast)}`;
  return `${limit} ${reaches(row) === true ? 'reached' : 'MISSED'}`;
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'number' ? number(value) : value;
}

function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
