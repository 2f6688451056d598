import type { Rate, TransferSummary } from '../../shared/transfer.ts';

const verdictWords = {
  holds: 'above both',
  'not-above-control': 'no better than random marks',
  'at-noise-floor': 'at the noise floor',
  'not-measurable': 'not measurable',
} as const;

/** The effect table for a terminal: plain text, a line per row, columns aligned, no trailing line feed. */
export function printSummaryTable(summary: TransferSummary): string {
  if (summary.rows.length === 0) return 'No effect was measured.';
  const head = ['grader', 'role', 'pipeline', 'changed by marks', 'random marks', 'noise floor', 'n', ''];
  const rows = summary.rows.map((row) => [
    row.scope === 'pooled' ? `all ${row.graders} ${row.role}s` : (row.grader ?? ''),
    row.role,
    row.pipeline,
    percent(row.attack.protected),
    percent(row.attack.control),
    row.pipeline === 'direct' ? '-' : percent(row.attack.noiseFloor),
    String(row.attack.protected.n),
    verdictWords[row.verdict],
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, column) => text.padEnd(widths[column]))
      .join('  ')
      .trimEnd();
  return [
    line(head),
    ...rows.map(line),
    'Share of clean-correct answers that change, in % with the 95 % Wilson interval.',
    ...summary.notes,
  ].join('\n');
}

function percent({ rate, low, high }: Rate): string {
  if (rate === null) return '-';
  const round = (value: number): string => String(Math.round(value * 100));
  return `${round(rate)} [${round(low)}-${round(high)}]`;
}
