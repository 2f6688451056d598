import { beforeEach, expect, test } from 'vitest';
import type { Job } from '../../shared/contract/jobs.ts';
import { currentJob, stageOf } from './current-job.ts';
import { jobs } from './jobs.svelte.ts';
import { navigation } from './navigation.svelte.ts';

// Only these two fields count here.
const jobOf = (id: string, finished: number) => ({ id, finished }) as unknown as Job;

beforeEach(() => {
  jobs.list = [jobOf('begun', 0), jobOf('newest', 2), jobOf('older', 9)];
  navigation.job = null;
});

test('the newest job with images, unless another was chosen', () => {
  expect(currentJob()?.id).toBe('newest');
  navigation.job = 'older';
  expect(currentJob()?.id).toBe('older');
});

test('a job without images gives way, and no job is none', () => {
  navigation.job = 'begun';
  expect(currentJob()?.id).toBe('newest');
  jobs.list = [];
  expect(currentJob()).toBeNull();
});

test('a running job of thousands is not read anew for each image, a small or ended one is', () => {
  const stage = (finished: number, status: string) =>
    stageOf({ id: 'a', finished, state: { status } } as unknown as Job);
  expect(stage(3, 'running')).not.toBe(stage(4, 'running'));
  expect(stage(4001, 'running')).toBe(stage(4049, 'running'));
  expect(stage(4049, 'running')).not.toBe(stage(4050, 'running'));
  expect(stage(4049, 'running')).not.toBe(stage(4049, 'done'));
});
