import type { DoneRecord, JournalRecord } from '../jobs/journal.ts';
import type { ReviewBook } from './review-book.ts';

/** Why a protected image stays out of the set; null lets it in. */
export type LeftOut = (record: Pick<DoneRecord, 'path' | 'imageId'>) => string | null;

/** Out stays what was rejected, what a drawn box speaks against and, where a review is asked for, what nobody has approved. */
export function leftOutByReview(book: ReviewBook, reviewRequired: boolean): LeftOut {
  return ({ path, imageId }) => {
    const { again, decision } = book.ruling(path, imageId);
    if (again) return 'left out of the set: a mark lies on a box drawn in the review';
    if (decision.decision === 'rejected')
      return `left out of the set: rejected in review: ${decision.reason}`;
    return reviewRequired && decision.decision === 'open'
      ? 'left out of the set: not yet approved in review'
      : null;
  };
}

/** What the set certificate is made of: the records that are in, the images that are not, and why. */
export function dividedBy(
  leftOut: LeftOut,
  records: readonly JournalRecord[],
): {
  readonly records: JournalRecord[];
  readonly leftOut: DoneRecord[];
  readonly reasons: { readonly path: string; readonly reason: string }[];
} {
  const divided: ReturnType<typeof dividedBy> = { records: [], leftOut: [], reasons: [] };
  for (const record of records) {
    const reason = record.state === 'done' ? leftOut(record) : null;
    if (record.state === 'done' && reason !== null) {
      divided.leftOut.push(record);
      divided.reasons.push({ path: record.path, reason });
    } else divided.records.push(record);
  }
  return divided;
}
