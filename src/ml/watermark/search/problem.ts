import type { Random } from '../../random.ts';

/** One way to place the mark that is being searched: top-left corner in host pixels and opacity cap in 0..255. */
export interface Candidate {
  readonly x: number;
  readonly y: number;
  readonly opacity: number;
}

/** Result of trying a candidate; the objective is minimised. */
export interface Score {
  /** mean + variance over surrogates of the log-probability of the reference class. */
  readonly objective: number;
  /** True when every surrogate's answer differs from its reference class. */
  readonly flipped: boolean;
}

export interface Scored {
  readonly candidate: Candidate;
  readonly score: Score;
}

/** What a search sees of an image: legal places only, and a way to try them. */
export interface PlacementProblem {
  /** Legal corners on a regular grid, x, y pairs; never empty. */
  readonly positions: Int32Array;
  /** Pitch of that grid in pixels. */
  readonly stride: number;
  isLegal(x: number, y: number): boolean;
  /** Corner at which the mark would sit centred on what the surrogates look at; need not be legal. Costs a gradient once. */
  salient(): Promise<{ readonly x: number; readonly y: number }>;
  readonly opacity: { readonly minimum: number; readonly maximum: number };
  /** Candidates that may still be tried. */
  readonly trials: number;
  /** Stop once a candidate flips every surrogate instead of deepening the effect. */
  readonly stopAtFirstFlip: boolean;
  /** Tries candidates; all must be legal. */
  score(candidates: readonly Candidate[]): Promise<readonly Score[]>;
  readonly random: Random;
}

/** Finds a good candidate with at most `problem.trials` trials. */
export type PlacementSearch = (problem: PlacementProblem) => Promise<Scored>;
