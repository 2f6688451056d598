import type { SearchMethod } from '../../../shared/settings.ts';
import { basinHoppingEvolution } from './basin-hopping-evolution.ts';
import { bayesianSearch } from './bayesian.ts';
import { coarseToFine } from './coarse-to-fine.ts';
import { differentialEvolution } from './differential-evolution.ts';
import { exhaustiveSearch } from './exhaustive.ts';
import { nearestFirstSearch } from './nearest-first.ts';
import type { PlacementSearch } from './problem.ts';
import { randomSearch } from './random-legal.ts';

export const placementSearches: Readonly<Record<SearchMethod, PlacementSearch>> = {
  bayesian: bayesianSearch,
  'coarse-to-fine': coarseToFine,
  'nearest-first': nearestFirstSearch,
  'basin-hopping-evolution': basinHoppingEvolution,
  'differential-evolution': differentialEvolution,
  random: randomSearch,
  exhaustive: exhaustiveSearch,
};
