import type { Candidate, PlacementSearch } from './problem.ts';
import { TrialRun } from './trial-run.ts';

/** Tries legal places and opacities drawn uniformly: the baseline every other search must beat. */
export const randomSearch: PlacementSearch = async (problem) => {
  const run = new TrialRun(problem);
  const { positions, opacity, random } = problem;
  const places = random.shuffle(Array.from({ length: positions.length / 2 }, (_, i) => i));
  const candidates: Candidate[] = places.map((i) => ({
    x: positions[i * 2],
    y: positions[i * 2 + 1],
    opacity: opacity.minimum + random.integer(opacity.maximum - opacity.minimum + 1),
  }));
  await run.try(candidates);
  return run.winner();
};
