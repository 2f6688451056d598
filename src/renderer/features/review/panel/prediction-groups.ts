import type { Prediction } from '../../../../shared/contract/review.ts';

export interface PredictionGroup {
  readonly grader: string;
  readonly role: Prediction['role'];
  readonly rows: readonly Prediction[];
  /** Pipelines under which the answer changed. */
  readonly changed: number;
}

/** Predictions by grader, those the search worked against first; the order of pipelines is kept. */
export function groupPredictions(predictions: readonly Prediction[]): PredictionGroup[] {
  const groups = Map.groupBy(predictions, ({ grader, role }) => `${role} ${grader}`);
  return [...groups.values()]
    .flatMap((rows) => {
      const first = rows[0];
      if (first === undefined) return [];
      const changed = rows.filter(({ before, after }) => before !== after).length;
      return [{ grader: first.grader, role: first.role, rows, changed }];
    })
    .sort((a, b) => Number(a.role === 'victim') - Number(b.role === 'victim'));
}
