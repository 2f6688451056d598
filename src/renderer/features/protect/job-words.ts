import type { Job, JobStatus } from '../../../shared/contract/jobs.ts';
import type { ImageStage } from '../../../shared/job-events.ts';
import { m } from '../../paraglide/messages.js';
import { formatCount } from '../../ui/quantities.ts';

type Tone = 'neutral' | 'good' | 'warn' | 'bad' | 'accent';

export function statusWords({ status }: JobStatus): string {
  return {
    starting: m.job_starting(),
    running: m.job_running(),
    pausing: m.job_pausing(),
    paused: m.job_paused(),
    canceling: m.job_canceling(),
    cancelled: m.job_cancelled(),
    interrupted: m.job_interrupted(),
    done: m.job_done(),
    failed: m.job_failed(),
  }[status];
}

export function statusTone({ state: { status }, totals }: Job): Tone {
  if (status === 'failed') return 'bad';
  if (status === 'done') return totals.failed > 0 ? 'warn' : 'good';
  return status === 'paused' || status === 'cancelled' || status === 'interrupted' ? 'warn' : 'accent';
}

export function stageWords(stage: ImageStage): string {
  return {
    read: m.stage_read(),
    zone: m.stage_zone(),
    search: m.stage_search(),
    write: m.stage_write(),
    measure: m.stage_measure(),
    certify: m.stage_certify(),
  }[stage];
}

/** Share of the images that are through; null before the number of images is known. */
export function jobShare({ finished, totals: { total } }: Pick<Job, 'finished' | 'totals'>): number | null {
  return total === 0 ? null : Math.min(1, finished / total);
}

/** How many images came out how. */
export function countWords({ totals }: Job): string {
  return m.result_counts({
    done: formatCount(totals.done + totals.kept),
    noRoom: formatCount(totals.noRoom),
    failed: formatCount(totals.failed),
  });
}
