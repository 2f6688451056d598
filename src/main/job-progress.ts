import type { Job } from '../shared/contract/jobs.ts';

/** What a taskbar can show: a share from 0 to 1, that something runs without one, or nothing. */
export type ShownProgress =
  | { readonly mode: 'none' | 'indeterminate' }
  | { readonly mode: 'normal' | 'paused'; readonly share: number };

/** One bar for all jobs at work: its share is that of their images together. */
export class JobProgress {
  readonly #active = new Map<string, Job>();

  take(job: Job): ShownProgress {
    if (isAtWork(job)) this.#active.set(job.id, job);
    else this.#active.delete(job.id);
    return this.#shown();
  }

  /** The engine has ended and its jobs with it. */
  clear(): ShownProgress {
    this.#active.clear();
    return this.#shown();
  }

  #shown(): ShownProgress {
    const jobs = [...this.#active.values()];
    if (jobs.length === 0) return { mode: 'none' };
    const total = jobs.reduce((sum, { totals }) => sum + totals.total, 0);
    if (total === 0) return { mode: 'indeterminate' };
    const finished = jobs.reduce((sum, job) => sum + job.finished, 0);
    const ending = jobs.every(({ state }) => state.status === 'pausing' || state.status === 'canceling');
    return { mode: ending ? 'paused' : 'normal', share: Math.min(1, finished / total) };
  }
}

function isAtWork({ state: { status } }: Job): boolean {
  return status === 'starting' || status === 'running' || status === 'pausing' || status === 'canceling';
}
