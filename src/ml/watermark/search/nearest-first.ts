import { nearestFirst, opacityLadder } from './ordering.ts';
import type { PlacementSearch } from './problem.ts';
import { TrialRun } from './trial-run.ts';

/** Tries the legal places nearest to what the surrogates look at, in that order, then lower opacities of the best. */
export const nearestFirstSearch: PlacementSearch = async (problem) => {
  const run = new TrialRun(problem);
  await run.try(await nearestFirst(problem));
  await run.try(opacityLadder(problem, run.winner().candidate, 4));
  return run.winner();
};
