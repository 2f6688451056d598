import type { Candidate, PlacementProblem, Score, Scored } from './problem.ts';

/** Candidates tried at once: a full batch, or few where a search stops at the first flip and the rest would be wasted. */
const BATCH = 8;
const BATCH_BEFORE_STOP = 4;

/**
 * The bookkeeping every search shares: counts trials against the budget, never tries a candidate twice, remembers
 * the best ones and knows when to stop.
 */
export class TrialRun {
  readonly #problem: PlacementProblem;
  readonly #known = new Map<string, Score>();
  readonly #scored: Scored[] = [];
  #best: Scored | undefined;
  #trials = 0;

  constructor(problem: PlacementProblem) {
    this.#problem = problem;
  }

  get exhausted(): boolean {
    return this.#trials >= this.#problem.trials;
  }

  /** True when the budget is spent or, for a search that stops early, a candidate flipped every surrogate. */
  get finished(): boolean {
    return this.exhausted || (this.#problem.stopAtFirstFlip && this.#best?.score.flipped === true);
  }

  /** True once so many trials are spent and the best objective is still above the given one. */
  missed({ trials, objective }: { readonly trials: number; readonly objective: number }): boolean {
    return this.#trials >= trials && this.winner().score.objective > objective;
  }

  /** Tries the candidates in order until finished; returns a score for each one tried (or known), else undefined. */
  async try(candidates: readonly Candidate[]): Promise<(Score | undefined)[]> {
    const batch = this.#problem.stopAtFirstFlip ? BATCH_BEFORE_STOP : BATCH;
    for (let start = 0; start < candidates.length && !this.finished; start += batch) {
      const fresh = new Map<string, Candidate>();
      for (const candidate of candidates.slice(start, start + batch)) {
        const key = keyOf(candidate);
        if (!this.#known.has(key) && fresh.size < this.#problem.trials - this.#trials)
          fresh.set(key, candidate);
      }
      if (fresh.size > 0) await this.#evaluate(fresh);
    }
    return candidates.map((candidate) => this.#known.get(keyOf(candidate)));
  }

  /** The best candidates so far, best first; ties in the order they were tried. */
  best(count: number): Scored[] {
    return this.#scored.toSorted((a, b) => compareScores(a.score, b.score)).slice(0, count);
  }

  winner(): Scored {
    if (this.#best === undefined) throw new Error('a search ended without a trial');
    return this.#best;
  }

  async #evaluate(fresh: ReadonlyMap<string, Candidate>): Promise<void> {
    const scores = await this.#problem.score([...fresh.values()]);
    this.#trials += fresh.size;
    [...fresh].forEach(([key, candidate], index) => {
      const scored = { candidate, score: scores[index] };
      this.#known.set(key, scored.score);
      this.#scored.push(scored);
      if (this.#best === undefined || compareScores(scored.score, this.#best.score) < 0) this.#best = scored;
    });
  }
}

/** Negative when `a` is better: a flip beats none, then the lower objective wins. */
export function compareScores(a: Score, b: Score): number {
  if (a.flipped !== b.flipped) return a.flipped ? -1 : 1;
  return a.objective - b.objective;
}

function keyOf({ x, y, opacity }: Candidate): string {
  return `${x},${y},${opacity}`;
}
