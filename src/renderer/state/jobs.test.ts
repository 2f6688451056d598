import { beforeEach, expect, it } from 'vitest';
import { failed, FakeBridge } from './fake-bridge.ts';
import { isActive, isResumable, JobList } from './jobs.svelte.ts';
import { notices } from './notices.svelte.ts';
import { sampleJob } from './sample-job.ts';

beforeEach(() => {
  for (const { number } of notices.list) notices.close(number);
});

it('follows the events of jobs it knows and takes in those it does not, newest first', async () => {
  const bridge = FakeBridge.install({ 'jobs.list': async () => [sampleJob()] });
  const jobs = new JobList();
  jobs.open();
  await jobs.refresh();
  bridge.send('jobs.changed', sampleJob({ finished: 3 }));
  bridge.send('jobs.changed', sampleJob({ id: 'a'.repeat(32), finished: 0 }));
  expect(jobs.list.map(({ id, finished }) => [id[0], finished])).toEqual([
    ['a', 0],
    ['0', 3],
  ]);
});

it('keeps a command that needs a locked key, instead of complaining', async () => {
  FakeBridge.install({ 'jobs.resume': async () => failed('wrong-key', 'the key is locked') });
  const jobs = new JobList();
  await jobs.command('jobs.resume', 'some job');
  expect(jobs.locked).toEqual({ channel: 'jobs.resume', job: 'some job' });
  expect(notices.list).toEqual([]);
});

it('tells any other failure and leaves the list as it was', async () => {
  FakeBridge.install({ 'jobs.pause': async () => failed('usage', 'the job has ended') });
  const jobs = new JobList();
  jobs.take(sampleJob());
  await jobs.command('jobs.pause', sampleJob().id);
  expect(notices.list.map(({ message }) => message)).toEqual(['the job has ended']);
  expect(jobs.list).toEqual([sampleJob()]);
});

it('forgets a job only when the engine did', async () => {
  const bridge = FakeBridge.install();
  const jobs = new JobList();
  jobs.take(sampleJob());
  await jobs.discard(sampleJob().id);
  expect(jobs.list).toHaveLength(1);
  bridge.answers['jobs.discard'] = async () => ({});
  await jobs.discard(sampleJob().id);
  expect(jobs.list).toEqual([]);
});

it('says that running jobs are cut short when the engine is gone', () => {
  const bridge = FakeBridge.install();
  const jobs = new JobList();
  jobs.open();
  jobs.take(sampleJob());
  jobs.take(sampleJob({ id: 'b'.repeat(32), state: { status: 'done' } }));
  bridge.send('engine.changed', { status: 'crashed', reason: 'killed', hint: 'start again' });
  expect(jobs.list.map(({ state, finished }) => [state.status, finished])).toEqual([
    ['done', 1],
    ['interrupted', 1],
  ]);
});

it('can resume what stopped before its end, and nothing that runs', () => {
  const statuses = [
    'starting',
    'running',
    'pausing',
    'paused',
    'canceling',
    'cancelled',
    'interrupted',
    'done',
  ] as const;
  const having = (test: typeof isActive) =>
    statuses.filter((status) => test(sampleJob({ state: { status } })));
  expect(having(isActive)).toEqual(['starting', 'running', 'pausing', 'canceling']);
  expect(having(isResumable)).toEqual(['paused', 'cancelled', 'interrupted']);
});
