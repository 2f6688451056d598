import type { LabRun, RunSeries, RunTable } from '../../../shared/contract/lab.ts';

/** Everything a run told, as one JSON document. */
export function runAsJson({
  kind,
  title,
  created,
  settings,
  state,
  metrics,
  series,
  tables,
  notes,
}: LabRun): string {
  const content = { kind, title, created, settings, status: state.status, metrics, series, tables, notes };
  return `${JSON.stringify({ format: 'medlocker-run/1', ...content }, null, 2)}\n`;
}

/**
 * The same as CSV after RFC 4180, for spreadsheets: blocks with a line of their title and a header line, an empty line between them.
 * Settings and metrics come first, then tables, then the series, one line a point.
 */
export function runAsCsv(run: LabRun): string {
  const settings: RunTable = {
    title: run.title,
    columns: ['setting', 'value'],
    rows: Object.entries(run.settings).map(([name, value]) => [
      name,
      typeof value === 'string' || typeof value === 'number' || value === null
        ? value
        : JSON.stringify(value),
    ]),
  };
  const metrics: RunTable = {
    title: 'Figures',
    columns: ['figure', 'value'],
    rows: run.metrics.map(({ name, value }) => [name, value]),
  };
  const blocks = [settings, metrics, ...run.tables, ...run.series.map(seriesTable)];
  return blocks
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, columns, rows }) => [[title], columns, ...rows].map(line).join(''))
    .join('\r\n');
}

function seriesTable({ name, xLabel, yLabel, points }: RunSeries): RunTable {
  return { title: name, columns: [xLabel, yLabel], rows: points.map(({ x, y }) => [x, y]) };
}

function line(cells: readonly (string | number | null)[]): string {
  return `${cells.map(field).join(',')}\r\n`;
}

function field(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  // A spreadsheet must not take a file's name for a formula.
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
