import { basename } from 'node:path';
import { deriveSetId } from '../../ml/certificate/key-derivation.ts';
import type { OwnerKey } from '../../ml/certificate/owner-key.ts';
import { Failure } from '../../shared/failure.ts';
import type { ProtectJob } from '../../shared/protect-job.ts';
import { removeLeftovers } from '../jobs/atomic-write.ts';
import { hashBytes, hashFile } from '../jobs/content-hash.ts';
import { eventStream, type JobListener } from '../jobs/event-stream.ts';
import { settleHeader, type JobHeader } from '../jobs/job-header.ts';
import { acquireLock } from '../jobs/job-lock.ts';
import { openJournal, type Journal } from '../jobs/journal.ts';
import { outputNames } from '../jobs/output-names.ts';
import { runItems, type RunResult } from '../jobs/run-items.ts';
import { scanSource, type ScanResult } from '../jobs/scan.ts';
import { belongsTo, parseShard, shardName, wholeJob, type Shard } from '../jobs/shard.ts';
import { realPathOfPlanned, resolveJobPaths, type JobPaths } from '../jobs/source-paths.ts';
import { finishSet, type FinishedSet } from './finish-set.ts';
import { jobFingerprint } from './job-fingerprint.ts';
import { makePrivateFolder, privateFolder, type PrivateFolder } from './private-folder.ts';
import type { Issue } from './issue-image.ts';
import { protectImageFile, type ImageTask } from './protect-image-file.ts';
import { describeGraders, describeLogo, writeJobContext } from './job-context.ts';
import { openProtectInputs, type ProtectInputs } from './protect-inputs.ts';
import { dividedBy, leftOutByReview } from './left-out.ts';
import { recallRecord } from './recall-record.ts';
import { ReviewBook } from './review-book.ts';

export interface ProtectContext {
  readonly owner: OwnerKey;
  readonly listen: JobListener;
  readonly signal?: AbortSignal | undefined;
  /** Time a new job is dated with; the present by default. A resumed job keeps its own. */
  readonly created?: Date | undefined;
  /** Awaited before each image: a job that is paused waits here. */
  readonly gate?: (() => Promise<void>) | undefined;
  /** False leaves manifest and report to `finishSet` after a review; true by default. */
  readonly certifiesSet?: boolean | undefined;
}

export interface ProtectResult extends RunResult {
  readonly job: string;
  readonly out: string;
  readonly skipped: ScanResult['skipped'];
  /** Null for a shard, for a cancelled job and where the set is certified later. */
  readonly set: FinishedSet | null;
}

/**
 * Protects every image of a folder, goes on with a job that was interrupted, and finishes with the signed manifest and the report.
 *
 * @throws Failure for what concerns the whole job: settings, graders, locks, a full disk
 */
export async function protect(job: ProtectJob, context: ProtectContext): Promise<ProtectResult> {
  const { signal, owner } = context;
  const shard = job.shard === null ? wholeJob : parseShard(job.shard);
  const paths = await resolveJobPaths(job.source, job.out);
  const scan = await scanJob(job, paths, signal);
  const tasks = tasksOf(scan, job, shard);
  const folder = privateFolder(paths.out, shard);
  await makePrivateFolder(paths.out);
  const fingerprint = await jobFingerprint(job, basename(paths.source), owner.publicKey);
  const { header } = await settleHeader(folder.header, fingerprint, context.created ?? new Date());
  const lock = await acquireLock(folder.lock);
  const issue: Issue = {
    out: paths.out,
    private: folder,
    writer: shardName(shard),
    owner,
    setId: setIdOf(header),
    created: new Date(header.created),
    rights: { holder: job.owner ?? owner.name, text: job.rights ?? '', terms: '' },
  };
  let inputs: ProtectInputs | undefined;
  let journal: Journal | undefined;
  try {
    await removeLeftovers(paths.out, shardName(shard));
    const open = (journal = await openJournal(folder.journal, header));
    const review = await ReviewBook.open(folder.review);
    const emit = eventStream(header.job, context.listen);
    const finished = tasks.filter(({ path }) => open.records.get(path)?.state === 'done').length;
    emit({
      kind: 'job-started',
      workflow: 'protect',
      total: tasks.length,
      resumed: finished,
      skipped: [...scan.skipped],
    });
    const result = await runItems<ImageTask>({
      items: tasks,
      emit,
      signal,
      gate: context.gate,
      async recall(task) {
        const record = open.records.get(task.path);
        const again = record?.state === 'done' && review.ruling(task.path, record.imageId).again;
        return again ? null : recallRecord(task, record, paths.out, job.retryFailed);
      },
      async prepare() {
        inputs = await openInputs(job, paths, folder, issue.writer);
      },
      async work(task, stage) {
        if (inputs === undefined) throw new Error('the inputs are not open');
        const note = (message: string) => emit({ kind: 'note', message });
        const drawn = review.boxes(task.path);
        const record = await protectImageFile(task, inputs, issue, { stage, note, signal, drawn });
        await open.append(record);
        return record.state === 'done' ? { state: 'done' } : { state: record.state, reason: record.reason };
      },
      async onFailure(task, { code, reason, hint, seconds }) {
        await open.append({
          state: 'failed',
          path: task.path,
          content: await hashFile(task.absolute).catch(() => null),
          code,
          reason,
          hint: hint ?? null,
          seconds,
        });
      },
    });
    if (result.outcome !== 'cancelled') await open.complete(tasks.length);
    const certifies = result.outcome !== 'cancelled' && shard.count === 1 && context.certifiesSet !== false;
    if (!certifies) return { ...result, job: header.job, out: paths.out, skipped: scan.skipped, set: null };
    const { records, leftOut, reasons } = dividedBy(
      leftOutByReview(review, false),
      tasks.flatMap(({ path }) => open.records.get(path) ?? []),
    );
    const set = await finishSet({
      out: paths.out,
      folder,
      header,
      owner,
      setId: issue.setId,
      records,
      leftOut,
      skipped: [...scan.skipped, ...reasons],
    });
    return { ...result, job: header.job, out: paths.out, skipped: scan.skipped, set };
  } finally {
    await journal?.close();
    await lock.release();
    inputs?.dispose();
  }
}

/** Only when there is work: a finished job starts no engine. */
async function openInputs(
  job: ProtectJob,
  paths: JobPaths,
  folder: PrivateFolder,
  writer: string,
): Promise<ProtectInputs> {
  const inputs = await openProtectInputs(job);
  const { graders, logo, pipelines } = inputs;
  const engines = graders.map(({ classifier: { spec } }) => [spec.kind, spec.device] as const);
  const context = {
    source: paths.source,
    graders: describeGraders(graders),
    pipelines: pipelines.map(({ id }) => id),
    logo: describeLogo(logo),
    versions: Object.fromEntries([['Node.js', process.versions.node], ...engines]),
  };
  await writeJobContext(folder.context, context, writer);
  return inputs;
}

/** The images of a job, without its annotations where those lie in the source. @throws Failure usage when there is none */
export async function scanJob(
  job: ProtectJob,
  paths: JobPaths,
  signal: AbortSignal | undefined,
): Promise<ScanResult> {
  const exclude = job.annotations === null ? [] : [await realPathOfPlanned(job.annotations)];
  const scan = await scanSource(paths.source, { exclude, onlyFile: paths.onlyFile, signal });
  if (scan.files.length > 0) return scan;
  throw new Failure('usage', `${job.source} holds no image (${scan.skipped.length} other files)`, {
    subject: job.source,
    hint: 'PNG, JPEG, TIFF, WebP, GIF and AVIF files are taken.',
  });
}

/** The job's part of a scan. Names are given over the whole tree, so that every shard gives the same ones. */
export function tasksOf(scan: ScanResult, job: ProtectJob, shard: Shard): ImageTask[] {
  const names = outputNames(
    scan.files.map(({ path }) => path),
    job.format,
  );
  return scan.files.slice(0, job.limit ?? undefined).flatMap(({ path, absolute }) => {
    const own = names.get(path);
    return own === undefined || !belongsTo(shard, hashBytes(path)) ? [] : [{ path, absolute, names: own }];
  });
}

/** All shards of a job find the same one, since they share the header. */
export function setIdOf(header: JobHeader): string {
  return deriveSetId([header.settingsSha256, hashBytes(header.job)]);
}
