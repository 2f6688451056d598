import type { RunTable } from '../../../../shared/contract/lab.ts';
import type { TransferSummary } from '../../../../shared/transfer.ts';

/** Answers that changed under the marks, beside the control and what the pipeline changes by itself; shares 0..1. */
export function attackTable({ rows }: TransferSummary): RunTable {
  return {
    title: 'Answers changed, of those right before (95 % intervals)',
    columns: [
      ...['grader', 'role', 'pipeline', 'images counted'],
      ...['changed', 'low', 'high', 'control', 'noise floor', 'above control', 'verdict'],
    ],
    // A pool of one grader would only say its row again.
    rows: rows
      .filter(({ scope, graders }) => scope === 'grader' || graders > 1)
      .map(({ scope, grader, role, graders, pipeline, attack, verdict }) => [
        scope === 'pooled' ? `all ${graders}` : grader,
        role,
        pipeline,
        attack.protected.n,
        attack.protected.rate,
        attack.protected.low,
        attack.protected.high,
        attack.control.rate,
        attack.noiseFloor.rate,
        attack.advantage?.difference ?? null,
        verdict,
      ]),
  };
}

/** Quality against labels; null where the images have none. */
export function qualityTable({ rows }: TransferSummary): RunTable | null {
  const known = rows.flatMap((row) => (row.quality === null ? [] : [{ ...row, quality: row.quality }]));
  if (known.length === 0) return null;
  return {
    title: 'Quality against the labels, before and after',
    columns: [
      ...['grader', 'pipeline', 'kappa before', 'kappa after', 'kappa of control'],
      ...['AUC before', 'AUC after', 'AUC of control'],
    ],
    rows: known.map(({ grader, pipeline, quality: { clean, protected: marked, control } }) => [
      grader,
      pipeline,
      clean.quadraticKappa,
      marked.quadraticKappa,
      control.quadraticKappa,
      clean.referableAuc,
      marked.referableAuc,
      control.referableAuc,
    ]),
  };
}
