import type { DoneRecord } from '../jobs/journal.ts';
import type { ReviewBook } from './review-book.ts';

/** Why a protected image stays out of the set; null lets it in. */
export type LeftOut = (record: Pick<DoneRecord, 'path' | 'imageId'>) => string | null;

/** Out stays what a drawn box speaks against and, where a review is asked for, what nobody has approved. */
export function leftOutByReview(book: ReviewBook, reviewRequired: boolean): LeftOut {
  return ({ path, imageId }) => {
    const { again, decision } = book.ruling(path, imageId);
    if (again) return 'left out of the set: a mark lies on a box drawn in the review';
    if (!reviewRequired || decision.decision === 'approved') return null;
    return decision.decision === 'rejected'
      ? `left out of the set: rejected in review: ${decision.reason}`
      : 'left out of the set: not yet approved in review';
  };
}
