import { describe, expect, it } from 'vitest';
import type { Job } from '../shared/contract/jobs.ts';
import { JobProgress } from './job-progress.ts';

const job = (
  id: string,
  status: Exclude<Job['state']['status'], 'failed'>,
  finished: number,
  total: number,
) =>
  // The bar reads these four alone.
  ({ id, state: { status }, finished, totals: { total } }) as unknown as Job;

describe('JobProgress', () => {
  it('shows the share of the images of all jobs at work', () => {
    const progress = new JobProgress();
    expect(progress.take(job('a', 'running', 1, 4))).toEqual({ mode: 'normal', share: 0.25 });
    expect(progress.take(job('b', 'running', 5, 16))).toEqual({ mode: 'normal', share: 0.3 });
    expect(progress.take(job('a', 'running', 3, 4))).toEqual({ mode: 'normal', share: 0.4 });
  });

  it('shows that a job without counted images runs', () => {
    expect(new JobProgress().take(job('a', 'starting', 0, 0))).toEqual({ mode: 'indeterminate' });
  });

  it('tells a job that finishes its last image before a pause from one that goes on', () => {
    expect(new JobProgress().take(job('a', 'pausing', 1, 2))).toEqual({ mode: 'paused', share: 0.5 });
  });

  it.each(['done', 'paused', 'cancelled', 'interrupted'] as const)(
    'goes away when its job is %s',
    (status) => {
      const progress = new JobProgress();
      progress.take(job('a', 'running', 1, 2));
      expect(progress.take(job('a', status, 2, 2))).toEqual({ mode: 'none' });
    },
  );

  it('goes away with the engine', () => {
    const progress = new JobProgress();
    progress.take(job('a', 'running', 1, 2));
    expect(progress.clear()).toEqual({ mode: 'none' });
    expect(progress.take(job('b', 'running', 1, 2))).toEqual({ mode: 'normal', share: 0.5 });
  });
});
