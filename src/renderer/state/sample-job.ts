import type { Job } from '../../shared/contract/jobs.ts';

/** A job for tests: 4 images, 1 done, running. */
export function sampleJob(some: Partial<Job> = {}): Job {
  const folder = { kind: 'folder' as const, name: 'eyes', shown: '/eyes' };
  return {
    id: '0'.repeat(32),
    title: 'eyes',
    created: '2026-01-02T03:04:05.000Z',
    source: { id: '1'.repeat(32), ...folder },
    out: { id: '2'.repeat(32), ...folder },
    state: { status: 'running' },
    totals: { total: 4, done: 1, kept: 0, noRoom: 0, failed: 0 },
    finished: 1,
    elapsedSeconds: 10,
    etaSeconds: 30,
    current: null,
    skipped: [],
    reviewRequired: false,
    notes: 0,
    summary: null,
    ...some,
  };
}
