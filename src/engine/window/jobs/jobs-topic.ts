import type { EngineChannel } from '../../../shared/contract/requests.ts';
import { Failure } from '../../../shared/failure.ts';
import { stableJson } from '../../jobs/job-header.ts';
import type { GraderBook } from '../graders/grader-book.ts';
import type { KeyShelf } from '../keys/key-shelf.ts';
import type { Topic, WindowHost } from '../topic.ts';
import { jobOfChoice } from './job-of-choice.ts';
import type { JobRunner } from './job-runner.ts';
import type { JobShelf, ShelvedJob } from './job-shelf.ts';

type JobChannel = Extract<EngineChannel, `jobs.${string}`>;

export interface JobParts {
  readonly host: WindowHost;
  readonly graders: GraderBook;
  readonly keys: KeyShelf;
  readonly shelf: JobShelf;
  readonly runner: JobRunner;
}

/** Protect jobs: started, watched, paused, cancelled, found again. */
export function jobsTopic({ host, graders, keys, shelf, runner }: JobParts): Topic<JobChannel> {
  const shown = async (job: ShelvedJob) => {
    if (job.summary === null && job.state.status === 'done')
      await runner.summarize(job).catch(() => undefined);
    return shelf.shown(job);
  };
  return {
    'jobs.start': async ({ choice, ownerKey, reviewRequired }) => {
      keys.ownerKey(ownerKey);
      const wanted = await jobOfChoice(choice, host, graders);
      const earlier = await shelf.findByOut(wanted.out);
      if (earlier?.run != null) {
        throw new Failure('usage', 'a job is writing into this folder already', {
          hint: 'Wait for it, or choose another output folder.',
        });
      }
      const goesOn = earlier !== null && stableJson(earlier.record.job) === stableJson(wanted);
      if (earlier !== null && !goesOn) await shelf.remove(earlier.record.id);
      const job = goesOn ? earlier : await shelf.add(wanted, ownerKey, reviewRequired);
      job.record = { ...job.record, ownerKey, reviewRequired };
      await runner.start(job, { retryFailed: false });
      return shelf.shown(job);
    },
    'jobs.pause': async ({ job: id }) => {
      const job = shelf.get(id);
      runner.pause(job);
      return shelf.shown(job);
    },
    'jobs.resume': async ({ job: id }) => {
      const job = shelf.get(id);
      await runner.resume(job);
      return shelf.shown(job);
    },
    'jobs.cancel': async ({ job: id }) => {
      const job = shelf.get(id);
      runner.cancel(job);
      return shelf.shown(job);
    },
    'jobs.retryFailed': async ({ job: id }) => {
      const job = shelf.get(id);
      await runner.start(job, { retryFailed: true });
      return shelf.shown(job);
    },
    'jobs.discard': async ({ job: id }) => {
      if (shelf.get(id).run !== null) {
        throw new Failure('usage', 'the job is running', { hint: 'Cancel it first.' });
      }
      runner.forget(id);
      await shelf.remove(id);
      return {};
    },
    'jobs.list': async () => Promise.all(shelf.list().map(shown)),
    'jobs.get': async ({ job }) => shown(shelf.get(job)),
    'jobs.notes': async ({ job }) => shelf.get(job).record.notes,
    'jobs.items': async ({ job, from, count, only }) =>
      runner.imagesOf(shelf.get(job)).page(from, count, only),
  };
}
