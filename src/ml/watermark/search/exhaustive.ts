import { nearestFirst, opacityLadder } from './ordering.ts';
import type { PlacementSearch } from './problem.ts';
import { TrialRun } from './trial-run.ts';

/** Tries every legal grid place at every rung of the opacity ladder: the yardstick of the other searches. */
export const exhaustiveSearch: PlacementSearch = async (problem) => {
  const run = new TrialRun(problem);
  for (const candidate of await nearestFirst(problem)) {
    if (run.finished) break;
    await run.try([candidate, ...opacityLadder(problem, candidate, 4)]);
  }
  return run.winner();
};
