import { type ContinuousSpace, continuousSpace, type Vector } from './continuous-space.ts';
import type { PlacementProblem, PlacementSearch } from './problem.ts';
import { compareScores, TrialRun } from './trial-run.ts';

const POPULATION = 30;
const GENERATIONS = 20;
const F = 0.5;
const CR = 0.9;

/** DE/rand/1/bin (Storn & Price, J. Global Optimization 11, 1997) over (opacity, x, y), repaired to legal places. */
export const differentialEvolution: PlacementSearch = async (problem) => {
  const run = new TrialRun(problem);
  const space = continuousSpace(problem);
  let population = Array.from({ length: POPULATION }, () => space.draw());
  await run.try(population.map(space.toCandidate));
  for (let generation = 0; generation < GENERATIONS && !run.finished; generation++) {
    const trials = population.map((_, index) => mutate(problem, space, population, index));
    const candidates = trials.map(space.toCandidate);
    const scores = await run.try(candidates);
    const parents = await run.try(population.map(space.toCandidate));
    population = population.map((parent, index) => {
      const trial = scores[index];
      const current = parents[index];
      return trial && (!current || compareScores(trial, current) <= 0) ? trials[index] : parent;
    });
  }
  return run.winner();
};

function mutate(
  problem: PlacementProblem,
  space: ContinuousSpace,
  population: readonly Vector[],
  index: number,
): Vector {
  const { random } = problem;
  const others = random.shuffle(population.map((_, i) => i).filter((i) => i !== index)).slice(0, 3);
  const [a, b, c] = others.map((i) => population[i]);
  const forced = random.integer(3);
  const gene = (axis: 0 | 1 | 2): number => {
    const crossed = random.next() < CR || axis === forced;
    const value = crossed ? a[axis] + F * (b[axis] - c[axis]) : population[index][axis];
    return Math.min(space.upper[axis], Math.max(space.lower[axis], value));
  };
  return [gene(0), gene(1), gene(2)];
}
