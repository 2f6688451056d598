import type { TransferRow, TransferSummary, Verdict } from '../../../shared/transfer.ts';
import { percent, pipelineWords, withInterval } from '../figures.ts';

/** One sentence of the summary at the head of the report. */
export interface Finding {
  readonly verdict: Verdict;
  readonly role: TransferRow['role'];
  /** Who: "2 unseen graders". */
  readonly subject: string;
  /** Through what. */
  readonly pipeline: string;
  /** What was measured, in words with figures. */
  readonly text: string;
}

const order: readonly Verdict[] = ['at-noise-floor', 'not-above-control', 'not-measurable', 'holds'];

/** The pooled rows as sentences: what does not hold first, victims before surrogates. */
export function findingsOf(summary: TransferSummary): Finding[] {
  return summary.rows
    .filter((row) => row.scope === 'pooled')
    .map(findingOf)
    .sort(
      (a, b) =>
        order.indexOf(a.verdict) - order.indexOf(b.verdict) ||
        Number(b.role === 'victim') - Number(a.role === 'victim'),
    );
}

function findingOf(row: TransferRow): Finding {
  const { attack, verdict, role, graders } = row;
  const subject =
    role === 'victim'
      ? `${graders} unseen ${graders === 1 ? 'grader' : 'graders'}`
      : `${graders} ${graders === 1 ? 'grader' : 'graders'} used in the search`;
  return {
    verdict,
    role,
    subject,
    pipeline: pipelineWords(row.pipeline),
    text: sentence(row, attack, verdict),
  };
}

function sentence(row: TransferRow, attack: TransferRow['attack'], verdict: Verdict): string {
  if (verdict === 'not-measurable')
    return 'No image was answered correctly before protection, so nothing could be counted.';
  const measured = `${withInterval(attack.protected)} of ${attack.protected.n} correct answers change; with the same marks at random places ${withInterval(attack.control)}`;
  const floor = row.pipeline === 'direct' ? '' : `, with no mark at all ${withInterval(attack.noiseFloor)}`;
  const reading = {
    holds: 'The interval lies above both.',
    'not-above-control': 'The placement and texture do no measurable good over random marks.',
    'at-noise-floor':
      row.pipeline === 'direct'
        ? 'JPEG or resizing alone changes about as much: this is not protection.'
        : 'That handling alone changes about as much: this is not protection.',
  }[verdict];
  return `${measured}${floor}. ${reading}`;
}

/** The largest class, as the yardstick for accuracies; null without labels. */
export function majoritySentence({ majority, labelled }: TransferSummary): string | null {
  return majority === null
    ? null
    : `Always answering grade ${majority.class} would be right for ${percent(majority.share.rate)} of the ${labelled} labelled images.`;
}
