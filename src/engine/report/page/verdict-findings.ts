import type { TransferRow, TransferSummary, Verdict } from '../../../shared/transfer.ts';
import { count, percent, pipelineWords, rowName, withInterval } from '../figures.ts';

/** What the head of the report says about one grader, or one pool of graders, with the same verdict. */
export interface Finding {
  readonly verdict: Verdict;
  readonly role: TransferRow['role'];
  /** Who, and over how many answers: "2 graders unseen by the search, 84 correct answers". */
  readonly subject: string;
  /** One line per handling, with the figures. */
  readonly lines: readonly { readonly handling: string; readonly figures: string }[];
  /** How to read them; empty where the figures speak for themselves. */
  readonly reading: string;
}

const order: readonly Verdict[] = ['at-noise-floor', 'not-above-control', 'not-measurable', 'holds'];

const readings: Readonly<Record<Verdict, string>> = {
  holds: '',
  'not-above-control': 'Placement and texture do no measurable good over the same marks at random places.',
  'at-noise-floor': 'JPEG or resizing without any mark may change as much: no protection is shown.',
  'not-measurable': 'No image was answered correctly before protection, so nothing could be counted.',
};

/** Below this many answers even a change of half of them can lie within the interval of a handling's own 15 %. */
const FEW = 20;
const tooFew = 'So few answers could not show it either.';

/**
 * The pooled rows in words, what does not hold first, victims before surrogates. A pool can hold while one of its graders does
 * not: such a grader gets words of its own, for the average is no comfort to who uses that one.
 */
export function findingsOf(summary: TransferSummary): Finding[] {
  const pooled = summary.rows.filter((row) => row.scope === 'pooled');
  const holds = (role: string, pipeline: string): boolean =>
    pooled.some((pool) => pool.role === role && pool.pipeline === pipeline && pool.verdict === 'holds');
  const hidden = summary.rows.filter(
    (row) => row.scope === 'grader' && row.verdict !== 'holds' && holds(row.role, row.pipeline),
  );
  const groups = Map.groupBy([...pooled, ...hidden], (row) => `${row.verdict} ${row.role} ${who(row)}`);
  return [...groups.values()]
    .map(findingOf)
    .sort(
      (a, b) =>
        order.indexOf(a.verdict) - order.indexOf(b.verdict) ||
        Number(b.role === 'victim') - Number(a.role === 'victim'),
    );
}

function findingOf(rows: readonly TransferRow[]): Finding {
  const [{ verdict, role, match, attack }] = rows;
  const { n } = attack.protected;
  return {
    verdict,
    role,
    subject: `${who(rows[0])}, ${count(n, match.kind === 'accuracy' ? 'correct answer' : 'answer')}`,
    lines: verdict === 'not-measurable' ? [] : rows.map(lineOf),
    reading: verdict !== 'holds' && n > 0 && n < FEW ? `${readings[verdict]} ${tooFew}` : readings[verdict],
  };
}

function who(row: TransferRow): string {
  const kind = row.role === 'victim' ? 'unseen by the search' : 'used in the search';
  if (row.scope === 'grader') return `${rowName(row)} by itself, ${kind}`;
  return `${row.graders === 1 ? 'One grader' : `${row.graders} graders`} ${kind}`;
}

function lineOf({ attack, pipeline }: TransferRow): Finding['lines'][number] {
  const floor = pipeline === 'direct' ? '' : `, no mark ${withInterval(attack.noiseFloor)}`;
  return {
    handling: pipelineWords(pipeline),
    figures: `${withInterval(attack.protected)} change; random marks ${withInterval(attack.control)}${floor}`,
  };
}

/** The largest class, as the yardstick for accuracies; null without labels. */
export function majoritySentence({ majority, labelled }: TransferSummary): string | null {
  return majority === null
    ? null
    : `Always answering grade ${majority.class} would be right for ${percent(majority.share.rate)} of the ${labelled} labelled images.`;
}
