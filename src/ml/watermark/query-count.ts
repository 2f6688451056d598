/** Queries to surrogates, counted as they are made: one per surrogate and image. */
export interface QueryCount {
  forwards: number;
  gradients: number;
}

/** The unit of query budgets: a gradient costs a forward and about as much again. */
export function queriesSpent({ forwards, gradients }: QueryCount): number {
  return forwards + 2 * gradients;
}
