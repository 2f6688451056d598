import type { Job } from '../../shared/contract/jobs.ts';
import { jobs } from './jobs.svelte.ts';
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
