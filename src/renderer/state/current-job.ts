import type { Job } from '../../shared/contract/jobs.ts';
import { isActive, jobs } from './jobs.svelte.ts';
import { navigation } from './navigation.svelte.ts';

/** Jobs that have protected at least one image: there is something to look at, to certify, to measure. */
export function jobsWithImages(): readonly Job[] {
  return jobs.list.filter(({ finished }) => finished > 0);
}

/** The job the screens speak about: the one chosen last, else the newest; null while there is none with images. */
export function currentJob(): Job | null {
  const there = jobsWithImages();
  return there.find(({ id }) => id === navigation.job) ?? there[0] ?? null;
}

/** Lists of thousands are not read anew for each image. */
const step = 50;

/** Changes whenever what is known of a job's images is worth reading anew: another job, more images, the end of its run. */
export function stageOf(job: Job): string {
  const { id, finished, state } = job;
  const reached = finished < step || !isActive(job) ? finished : Math.floor(finished / step) * step;
  return `${id} ${reached} ${isActive(job) ? 'active' : state.status}`;
}
