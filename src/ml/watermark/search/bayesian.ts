import { byDistance } from './ordering.ts';
import type { Candidate, PlacementProblem, PlacementSearch } from './problem.ts';
import { type Places, ResponseModel, type ResponsePrior } from './response-model.ts';
import { TrialRun } from './trial-run.ts';

/**
 * Fitted on the landscapes of 89 images (every legal place of one logo of a quarter of the field, one grader), none of
 * which the benchmark reports on; responses are log-odds, distances in strides of the legal grid (docs/methods.md).
 */
const PRIOR: ResponsePrior = {
  mean: 0.4,
  parts: [
    { deviation: 1, correlationLength: Infinity },
    { deviation: 0.3, correlationLength: 4 },
    { deviation: 0.1, correlationLength: 0.8 },
  ],
  noiseDeviation: 0.03,
};
/**
 * Standard deviations below the mean at which a place is judged: how much an unknown place attracts. Chosen on 100 images on which
 * nothing is reported: 2 finds 46 flips with 15.3 queries an image, 2.5 finds 47 with 16.4, 3 finds 48 with 22.1.
 */
const OPTIMISM = 2.5;
/** Log-odds of the reference class above which the answer cannot change, with a little slack for what the model leaves out. */
const HOPELESS = 0.1;
/** Places looked at along each side of a cell of the legal grid. */
const FINENESS = 4;
/** Places tried between two looks at the model. */
const BATCH = 4;

/**
 * Bayesian optimisation of the place (Jones, Schonlau and Welch, J. Global Optim. 1998; lower confidence bound of
 * Srinivas et al., ICML 2010) at the highest opacity: the effect of a visible mark is smooth in its place, so that a few
 * trials tell which places are worth one. A search for the first flip gives up once no untried place can plausibly
 * reach one.
 */
export const bayesianSearch: PlacementSearch = async (problem) => {
  const run = new TrialRun(problem);
  const candidates = byDistance(fineGrid(problem), middle(problem));
  const model = new ResponseModel(inStrides(candidates, problem.stride), PRIOR);
  const untried = new Set(candidates.keys());
  while (!run.finished && untried.size > 0) {
    const chosen: number[] = [];
    while (chosen.length < BATCH && untried.size > 0) {
      const place = mostPromising(model, untried);
      if (chosen.length === 0 && hopeless(problem, model, place)) return run.winner();
      untried.delete(place);
      model.condition(place);
      chosen.push(place);
    }
    const scores = await run.try(chosen.map((place) => candidates[place]));
    model.observe(scores.flatMap((score) => (score === undefined ? [] : [logOdds(score.objective)])));
  }
  return run.winner();
};

/** The legal grid and the legal places between its points, all at the highest opacity. */
function fineGrid({ positions, stride, isLegal, opacity }: PlacementProblem): Candidate[] {
  const offsets = new Set(Array.from({ length: FINENESS }, (_, i) => Math.round((i * stride) / FINENESS)));
  const places: Candidate[] = [];
  for (let i = 0; i < positions.length; i += 2) {
    for (const dx of offsets) {
      for (const dy of offsets) {
        const [x, y] = [positions[i] + dx, positions[i + 1] + dy];
        if ((dx === 0 && dy === 0) || isLegal(x, y)) places.push({ x, y, opacity: opacity.maximum });
      }
    }
  }
  return places;
}

function middle({ positions }: PlacementProblem): { x: number; y: number } {
  const sum = { x: 0, y: 0 };
  for (let i = 0; i < positions.length; i += 2) {
    sum.x += positions[i];
    sum.y += positions[i + 1];
  }
  return { x: (2 * sum.x) / positions.length, y: (2 * sum.y) / positions.length };
}

function inStrides(candidates: readonly Candidate[], stride: number): Places {
  return Float64Array.from(candidates.flatMap(({ x, y }) => [x / stride, y / stride]));
}

/** The untried place with the lowest confidence bound; the one nearest the middle among equals. */
function mostPromising(model: ResponseModel, untried: ReadonlySet<number>): number {
  let best = -1;
  let lowest = Infinity;
  for (const place of untried) {
    const bound = lowerBound(model, place);
    if (bound < lowest) {
      lowest = bound;
      best = place;
    }
  }
  return best;
}

function lowerBound({ mean, variance }: ResponseModel, place: number): number {
  return mean[place] - OPTIMISM * Math.sqrt(variance[place]);
}

function hopeless({ stopAtFirstFlip }: PlacementProblem, model: ResponseModel, place: number): boolean {
  return stopAtFirstFlip && lowerBound(model, place) > HOPELESS;
}

/**
 * Log-odds of the reference class for an objective that is a mean log-probability: unlike the log-probability it stays
 * linear where a grader is sure. Objectives of zero and above (variance among surrogates) go on linearly.
 */
function logOdds(objective: number): number {
  const sure = -0.0025;
  return objective < sure
    ? -Math.log(Math.expm1(-objective))
    : -Math.log(Math.expm1(-sure)) + objective - sure;
}
