import type { JobItem } from '../../../shared/contract/jobs.ts';
import type { ProtectJob } from '../../../shared/protect-job.ts';
import type { JournalRecord } from '../../jobs/journal.ts';
import { parseShard, wholeJob } from '../../jobs/shard.ts';
import { resolveJobPaths } from '../../jobs/source-paths.ts';
import { outputFile } from '../../workflows/output-file.ts';
import { privateFolder } from '../../workflows/private-folder.ts';
import { scanJob, tasksOf } from '../../workflows/protect.ts';
import { thumbnailOf } from '../source/thumbnail.ts';
import type { PictureStore } from '../picture-store.ts';
import { JournalFollower } from './journal-follower.ts';

type Only = 'all' | 'failed' | 'no-room' | 'done';

/** The images of a job in the order of its source, with what its journal says of each. */
export class JobImages {
  readonly #job: ProtectJob;
  readonly #pictures: PictureStore;
  readonly #journal: JournalFollower;
  #paths: Promise<readonly string[]> | undefined;

  constructor(job: ProtectJob, pictures: PictureStore) {
    this.#job = job;
    this.#pictures = pictures;
    const shard = job.shard === null ? wholeJob : parseShard(job.shard);
    this.#journal = new JournalFollower(privateFolder(job.out, shard).journal);
  }

  /** Paths in the source, or those of the journal where the source has gone. */
  paths(): Promise<readonly string[]> {
    this.#paths ??= this.#scan();
    return this.#paths;
  }

  /** Before a run: the source may have other files now. */
  forget(): void {
    this.#paths = undefined;
  }

  /** The latest records by source path. */
  async records(): Promise<ReadonlyMap<string, JournalRecord>> {
    await this.#journal.follow();
    return this.#journal.records;
  }

  async page(from: number, count: number, only: Only): Promise<{ total: number; items: JobItem[] }> {
    const records = await this.records();
    const paths = (await this.paths()).filter((path) => only === 'all' || records.get(path)?.state === only);
    const items = await Promise.all(paths.slice(from, from + count).map((path) => this.#item(path)));
    return { total: paths.length, items };
  }

  /** One image and its place in the source's order; null for a path that is no image of the job. */
  async item(path: string): Promise<{ index: number; item: JobItem } | null> {
    await this.#journal.follow();
    const index = (await this.paths()).indexOf(path);
    return index < 0 ? null : { index, item: await this.#item(path) };
  }

  async #item(path: string): Promise<JobItem> {
    const record = this.#journal.records.get(path);
    const base = { path, reason: null, code: null, hint: null, thumbnail: null, changed: null };
    if (record === undefined) return { ...base, state: 'waiting' };
    if (record.state === 'no-room') return { ...base, state: 'no-room', reason: record.reason };
    if (record.state === 'failed') {
      const { reason, code, hint } = record;
      return { ...base, state: 'failed', reason, code, hint };
    }
    const { image } = record.outputs;
    const file = await outputFile(this.#job.out, image.path);
    const thumbnail = await thumbnailOf(this.#pictures, file, image.sha256).catch(() => null);
    return { ...base, state: 'done', thumbnail, changed: changedBy(record) };
  }

  async #scan(): Promise<readonly string[]> {
    try {
      const paths = await resolveJobPaths(this.#job.source, this.#job.out);
      const shard = this.#job.shard === null ? wholeJob : parseShard(this.#job.shard);
      const tasks = tasksOf(await scanJob(this.#job, paths, undefined), this.#job, shard);
      return tasks.map(({ path }) => path);
    } catch {
      return [...(await this.records()).keys()].sort();
    }
  }
}

/** Whether a surrogate's class changed under the marks; null where nothing was measured. */
export function changedBy(record: JournalRecord): boolean | null {
  if (record.state !== 'done' || record.report.status !== 'protected') return null;
  const surrogates = record.report.transfer?.graders.filter(({ role }) => role === 'surrogate') ?? [];
  if (surrogates.length === 0) return null;
  return surrogates.some(({ direct, pipelines }) =>
    pipelines.some((one) => one.pipeline === 'direct' && one.protected.class !== direct.class),
  );
}
