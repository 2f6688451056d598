import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Job, JobStatus } from '../../../shared/contract/jobs.ts';
import { Failure } from '../../../shared/failure.ts';
import type { ImageStage } from '../../../shared/job-events.ts';
import type { ProtectJob } from '../../../shared/protect-job.ts';
import type { TransferSummary } from '../../../shared/transfer.ts';
import { inTurn } from '../in-turn.ts';
import type { WindowHost } from '../topic.ts';
import type { JobRun } from './job-run.ts';
import { readJobRecords, removeJobRecord, writeJobRecord, type JobRecord } from './job-record.ts';

/** A job of the list, with what only lives while the engine does. */
export interface ShelvedJob {
  record: JobRecord;
  state: JobStatus;
  run: JobRun | null;
  current: { path: string; stage: ImageStage | null } | null;
  etaSeconds: number | null;
  summary: TransferSummary | null;
}

/** All jobs the window knows, newest first, kept in files so that a job is found again after a crash. */
export class JobShelf {
  readonly #folder: string;
  readonly #host: WindowHost;
  readonly #jobs = new Map<string, ShelvedJob>();
  /** No write outlives the removal of its entry. */
  readonly #inTurn = inTurn();

  private constructor(folder: string, host: WindowHost) {
    this.#folder = folder;
    this.#host = host;
  }

  static async open(folder: string, host: WindowHost): Promise<JobShelf> {
    const shelf = new JobShelf(folder, host);
    const { records, damaged } = await readJobRecords(folder);
    for (const record of records.toReversed()) shelf.#jobs.set(record.id, atRest(record));
    for (const name of damaged) {
      host.emit('app.notice', {
        message: `A job's entry (${name}) was damaged and has been put aside.`,
        hint: 'Its images are untouched: start the job again with the same folders and it goes on.',
      });
    }
    return shelf;
  }

  list(): ShelvedJob[] {
    return [...this.#jobs.values()].reverse();
  }

  /** @throws Failure usage */
  get(id: string): ShelvedJob {
    const found = this.#jobs.get(id);
    if (found !== undefined) return found;
    throw new Failure('usage', 'the job is not in the list any more', { hint: 'Start it again.' });
  }

  /** The job that writes into a folder; null when none does. */
  async findByOut(out: string): Promise<ShelvedJob | null> {
    const wanted = await realOf(out);
    for (const shelved of this.list()) {
      if ((await realOf(shelved.record.job.out)) === wanted) return shelved;
    }
    return null;
  }

  /** A new entry at the top, at rest. */
  async add(job: ProtectJob, ownerKey: string, reviewRequired: boolean): Promise<ShelvedJob> {
    const record: JobRecord = {
      id: randomBytes(16).toString('hex'),
      created: new Date().toISOString(),
      job: { ...job, source: resolve(job.source), out: resolve(job.out) },
      ownerKey,
      reviewRequired,
      status: 'running',
      failure: null,
      totals: { total: 0, done: 0, kept: 0, noRoom: 0, failed: 0 },
      finished: 0,
      elapsedSeconds: 0,
      skipped: [],
      notes: [],
    };
    const shelved = atRest(record);
    this.#jobs.set(record.id, shelved);
    await this.save(shelved);
    return shelved;
  }

  /** Keeps the entry as it is when its turn comes; does nothing for one that has left the list. */
  save(job: ShelvedJob): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#jobs.has(job.record.id)) await writeJobRecord(this.#folder, job.record);
    });
  }

  /** Forgets the entry; the job's files stay. */
  async remove(id: string): Promise<void> {
    this.#jobs.delete(id);
    await this.#inTurn(() => removeJobRecord(this.#folder, id));
  }

  /** The job as the window sees it. */
  shown({ record, state, current, etaSeconds, summary }: ShelvedJob): Job {
    const { paths } = this.#host;
    return {
      id: record.id,
      title: basename(record.job.source),
      created: record.created,
      source: paths.handle(record.job.source, 'folder'),
      out: paths.handle(record.job.out, 'folder'),
      state,
      totals: record.totals,
      finished: record.finished,
      elapsedSeconds: record.elapsedSeconds,
      etaSeconds,
      current,
      skipped: record.skipped,
      reviewRequired: record.reviewRequired,
      notes: record.notes.length,
      summary,
    };
  }
}

function atRest(record: JobRecord): ShelvedJob {
  return { record, state: stateOf(record), run: null, current: null, etaSeconds: null, summary: null };
}

function stateOf({ status, failure }: JobRecord): JobStatus {
  if (status === 'running') return { status: 'interrupted' };
  if (status === 'failed' && failure !== null) return { status: 'failed', failure };
  return status === 'failed' ? { status: 'interrupted' } : { status };
}

function realOf(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}
