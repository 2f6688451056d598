import { type ContinuousSpace, continuousSpace, type Vector } from './continuous-space.ts';
import type { PlacementProblem, PlacementSearch, Score } from './problem.ts';
import { compareScores, TrialRun } from './trial-run.ts';

const POPULATION = 50;
const GENERATIONS = 3;
const HOPS = 3;
const CR = 0.9;
const TEMPERATURE = 1;
/** Half-widths of a hop: opacity in levels, place as a fraction of the published 224-pixel host. */
const HOP_OPACITY = 20;
const HOP_PLACE = 50 / 224;

/**
 * Basin hopping evolution as published for Adv-watermark (Jia, Wei, Cao, Han, ACM MM 2020; constants of its released
 * code): population 50, three generations, three hops an individual, binomial crossover 0.9, one-to-one selection,
 * early stop at the first flip of any individual.
 *
 * Deviations: illegal places are repaired to the nearest legal one (the published search knows no forbidden zone); the
 * local minimiser inside each hop is left out, since its finite differences vanish on parameters truncated to
 * integers; repeated candidates are not tried twice; the objective is this project's, not the raw logit. Each of them
 * saves this method queries.
 */
export const basinHoppingEvolution: PlacementSearch = async (problem) => {
  const run = new TrialRun(problem);
  const space = continuousSpace(problem);
  let population = Array.from({ length: POPULATION }, () => space.draw());
  await run.try(population.map(space.toCandidate));
  for (let generation = 0; generation < GENERATIONS && !run.finished; generation++) {
    const mutants = await hop(problem, space, run, population);
    const trials = population.map((parent, index) => cross(problem, parent, mutants[index]));
    await run.try(trials.map(space.toCandidate));
    population = await select(space, run, population, trials);
  }
  return run.winner();
};

/** Three Metropolis hops from every individual; the best point of each walk, or the individual where none was better. */
async function hop(
  problem: PlacementProblem,
  space: ContinuousSpace,
  run: TrialRun,
  population: readonly Vector[],
): Promise<Vector[]> {
  const mutants: Vector[] = [];
  for (const individual of population) {
    let [current] = await run.try([space.toCandidate(individual)]);
    let place = individual;
    let best = individual;
    let bestScore = current;
    for (let step = 0; step < HOPS && !run.finished && current; step++) {
      const proposal = propose(problem, space, place);
      if (!space.contains(proposal)) continue;
      const [score] = await run.try([space.toCandidate(proposal)]);
      if (!score) break;
      if (accepted(problem, current, score)) {
        place = proposal;
        current = score;
      }
      if (!bestScore || compareScores(score, bestScore) < 0) {
        best = proposal;
        bestScore = score;
      }
    }
    mutants.push(best);
  }
  return mutants;
}

function propose({ random }: PlacementProblem, space: ContinuousSpace, [a, x, y]: Vector): Vector {
  const side = Math.max(space.upper[1] - space.lower[1], space.upper[2] - space.lower[2], 1);
  const uniform = (halfWidth: number): number => (2 * random.next() - 1) * halfWidth;
  return [a + uniform(HOP_OPACITY), x + uniform(HOP_PLACE * side), y + uniform(HOP_PLACE * side)];
}

function accepted({ random }: PlacementProblem, current: Score, next: Score): boolean {
  return random.next() < Math.exp(Math.min(0, (current.objective - next.objective) / TEMPERATURE));
}

function cross({ random }: PlacementProblem, parent: Vector, mutant: Vector): Vector {
  const gene = (axis: 0 | 1 | 2): number =>
    random.next() < CR || random.integer(3) === axis ? mutant[axis] : parent[axis];
  return [gene(0), gene(1), gene(2)];
}

async function select(
  space: ContinuousSpace,
  run: TrialRun,
  parents: readonly Vector[],
  trials: readonly Vector[],
): Promise<Vector[]> {
  const parentScores = await run.try(parents.map(space.toCandidate));
  const trialScores = await run.try(trials.map(space.toCandidate));
  return parents.map((parent, index) => {
    const trial = trialScores[index];
    const current = parentScores[index];
    return trial && (!current || compareScores(trial, current) <= 0) ? trials[index] : parent;
  });
}
