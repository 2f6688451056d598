import { summarizeTransfer } from '../../../ml/evaluation/transfer-summary.ts';
import { Failure } from '../../../shared/failure.ts';
import type { JobEvent } from '../../../shared/job-events.ts';
import type { KeyShelf } from '../keys/key-shelf.ts';
import type { WindowHost } from '../topic.ts';
import { JobImages } from './job-images.ts';
import { JobRun, type EndOfRun } from './job-run.ts';
import type { JobShelf, ShelvedJob } from './job-shelf.ts';
import { throttled } from './throttle.ts';

/** A few times a second is what a person can read. */
const announcementMilliseconds = 250;
/** How far a job was is shown again after a crash; the journal alone decides where it goes on. */
const keepingMilliseconds = 5000;

/** A job of 10,000 images may say much. */
const mostNotes = 500;

/** Starts, pauses and ends the processes of jobs, and tells the window how they go. */
export class JobRunner {
  readonly #host: WindowHost;
  readonly #shelf: JobShelf;
  readonly #keys: KeyShelf;
  readonly #images = new Map<string, JobImages>();

  constructor(host: WindowHost, shelf: JobShelf, keys: KeyShelf) {
    this.#host = host;
    this.#shelf = shelf;
    this.#keys = keys;
  }

  imagesOf({ record }: ShelvedJob): JobImages {
    let images = this.#images.get(record.id);
    if (images === undefined) {
      images = new JobImages(record.job, this.#host.pictures);
      this.#images.set(record.id, images);
    }
    return images;
  }

  forget(id: string): void {
    this.#images.delete(id);
  }

  /** Goes on with a job, or starts it. @throws Failure wrong-key while the owner key is locked, usage while it runs */
  async start(job: ShelvedJob, { retryFailed }: { readonly retryFailed: boolean }): Promise<void> {
    if (job.run !== null) throw new Failure('usage', 'the job is running already');
    const owner = this.#keys.accessOf(job.record.ownerKey);
    this.imagesOf(job).forget();
    job.state = { status: 'starting' };
    job.summary = null;
    job.etaSeconds = null;
    job.record = { ...job.record, status: 'running', failure: null };
    const announce = throttled(
      () => this.#host.emit('jobs.changed', this.#shelf.shown(job)),
      announcementMilliseconds,
    );
    const keep = throttled(() => void this.#shelf.save(job).catch(() => undefined), keepingMilliseconds);
    const run = new JobRun(
      {
        job: { ...job.record.job, threads: this.#host.threads(), retryFailed },
        owner,
        certifiesSet: !job.record.reviewRequired,
      },
      (message) => {
        if (message.kind === 'paused') {
          if (job.state.status === 'pausing') job.state = { status: 'paused' };
          job.current = null;
        } else {
          this.#take(job, message.event);
          if (message.event.kind === 'progress') keep();
        }
        announce();
      },
      (end) => {
        keep.flush();
        void this.#ended(job, end).then(announce.flush);
      },
    );
    job.run = run;
    await this.#shelf.save(job);
    announce.flush();
  }

  pause(job: ShelvedJob): void {
    if (job.state.status !== 'running' && job.state.status !== 'starting') return;
    job.run?.pause();
    job.state = { status: 'pausing' };
    this.#announce(job);
  }

  /** Out of a pause; a job at rest is started again. */
  async resume(job: ShelvedJob): Promise<void> {
    if (job.run === null) {
      await this.start(job, { retryFailed: false });
      return;
    }
    if (job.state.status !== 'paused' && job.state.status !== 'pausing') return;
    job.run.resume();
    job.state = { status: 'running' };
    this.#announce(job);
  }

  cancel(job: ShelvedJob): void {
    if (job.run === null || job.state.status === 'canceling') return;
    job.run.cancel();
    job.state = { status: 'canceling' };
    this.#announce(job);
  }

  /** The engine ends: processes are killed, their jobs can be resumed. */
  async close(): Promise<void> {
    await Promise.all(this.#shelf.list().flatMap(({ run }) => (run === null ? [] : [run.kill()])));
  }

  /** Of the images done so far; null where none was measured. */
  async summarize(job: ShelvedJob): Promise<void> {
    const transfers = [...(await this.imagesOf(job).records()).values()].flatMap((record) =>
      record.state === 'done' && record.report.status === 'protected' && record.report.transfer !== null
        ? [record.report.transfer]
        : [],
    );
    job.summary = transfers.length === 0 ? null : summarizeTransfer(transfers);
  }

  #take(job: ShelvedJob, event: JobEvent): void {
    if (job.state.status === 'starting') job.state = { status: 'running' };
    switch (event.kind) {
      case 'job-started':
        job.record = {
          ...job.record,
          skipped: event.skipped,
          totals: { ...noTotals, total: event.total },
          finished: 0,
        };
        return;
      case 'image-started':
        job.current = { path: event.path, stage: null };
        return;
      case 'image-stage':
        job.current = { path: event.path, stage: event.stage };
        return;
      case 'image-finished':
        job.current = null;
        if (event.state !== 'kept') void this.#tellImage(job, event.path);
        return;
      case 'progress': {
        const { total, done, kept, noRoom, failed, finished, elapsedSeconds, etaSeconds } = event;
        job.record = {
          ...job.record,
          totals: { total, done, kept, noRoom, failed },
          finished,
          elapsedSeconds,
        };
        job.etaSeconds = etaSeconds;
        return;
      }
      case 'note':
        job.record = { ...job.record, notes: withNote(job.record.notes, event.message) };
    }
  }

  async #tellImage(job: ShelvedJob, path: string): Promise<void> {
    const found = await this.imagesOf(job)
      .item(path)
      .catch(() => null);
    if (found !== null) this.#host.emit('jobs.item', { job: job.record.id, ...found });
  }

  async #ended(job: ShelvedJob, end: EndOfRun): Promise<void> {
    job.run = null;
    job.current = null;
    job.etaSeconds = null;
    if (end.kind === 'ended') {
      const status = end.outcome === 'cancelled' ? 'cancelled' : 'done';
      job.state = { status };
      job.record = { ...job.record, status, failure: null };
      await this.summarize(job).catch(() => undefined);
    } else {
      job.state = { status: 'failed', failure: end.failure };
      job.record = { ...job.record, status: 'failed', failure: end.failure };
    }
    await this.#shelf.save(job).catch((error: unknown) => {
      const hint = error instanceof Failure ? (error.hint ?? null) : null;
      this.#host.emit('app.notice', { message: 'The list of jobs cannot be written.', hint });
    });
  }

  #announce(job: ShelvedJob): void {
    this.#host.emit('jobs.changed', this.#shelf.shown(job));
  }
}

const noTotals = { total: 0, done: 0, kept: 0, noRoom: 0, failed: 0 };

/** A job that goes on says again what it said at its start: once is enough. */
function withNote(notes: readonly string[], note: string): string[] {
  return [...notes.filter((one) => one !== note), note].slice(-mostNotes);
}
