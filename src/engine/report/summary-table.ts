import type { Rate, TransferSummary } from '../../shared/transfer.ts';
import { rowName, verdictWords, withInterval } from './figures.ts';
import { visibleText } from '../../shared/visible-text.ts';

/** The effect table for a terminal: plain text, a line per row, columns aligned, no trailing line feed. */
export function printSummaryTable(summary: TransferSummary): string {
  if (summary.rows.length === 0) return 'No effect was measured.';
  const head = ['grader', 'role', 'pipeline', 'marks', 'random marks', 'noise floor', 'n', ''];
  // A pool of one grader would only repeat its row.
  const rows = summary.rows
    .filter((row) => row.scope === 'grader' || row.graders > 1)
    .map((row) => [
      visibleText(rowName(row)),
      row.role,
      row.pipeline,
      figure(row.attack.protected),
      figure(row.attack.control),
      row.pipeline === 'direct' ? '–' : figure(row.attack.noiseFloor),
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
    'Share of answers that change, among those right before protection, with its 95 % Wilson interval.',
    ...summary.notes,
  ].join('\n');
}

/** Terminals copy better with plain spaces. */
function figure(rate: Rate): string {
  return withInterval(rate).replaceAll('\u00a0', ' ');
}
