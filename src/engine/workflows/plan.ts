import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { ProtectJob } from '../../shared/protect-job.ts';
import { Failure } from '../../shared/failure.ts';
import { freeBytes } from '../jobs/disk-space.ts';
import { readJournal } from '../jobs/journal.ts';
import { describeError } from '../jobs/run-items.ts';
import { parseShard, wholeJob } from '../jobs/shard.ts';
import { resolveJobPaths } from '../jobs/source-paths.ts';
import { privateFolder } from './private-folder.ts';
import type { ImageTask } from './protect-image-file.ts';
import { openProtectInputs } from './protect-inputs.ts';
import { protectPixels } from './protect-pixels.ts';
import { scanJob, tasksOf } from './protect.ts';

/** What a job would do, found out without writing anything. */
export interface JobPlan {
  readonly images: readonly {
    readonly path: string;
    readonly output: string;
    readonly width: number;
    readonly height: number;
  }[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Files that will fail because not even their header can be read. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** Images an earlier run in the same output has finished. */
  readonly finished: number;
  readonly estimate: {
    /** Null when no image could be tried. */
    readonly seconds: number | null;
    readonly bytes: number;
    /** What the two figures rest on, in words. */
    readonly basis: string;
  };
  readonly freeBytes: number | null;
}

/** Bytes a pixel of lossless PNG takes where no image was tried: photographs of the eye need about half of 24 bits. */
const assumedBytesPerPixel = 1.6;

/**
 * Plans a protect job: what is taken, what is left out, and how long and how large it will be, from one image of median size that is
 * really protected in memory.
 *
 * @throws Failure as `protect` would before its first image: settings, graders, folders
 */
export async function planJob(job: ProtectJob, signal?: AbortSignal): Promise<JobPlan> {
  const shard = job.shard === null ? wholeJob : parseShard(job.shard);
  const paths = await resolveJobPaths(job.source, job.out);
  const scan = await scanJob(job, paths, signal);
  const tasks = tasksOf(scan, job, shard);
  const journal = await readJournal(privateFolder(paths.out, shard).journal);
  const done = new Set(journal?.records.flatMap(({ state, path }) => (state === 'done' ? [path] : [])));
  const images: { path: string; output: string; width: number; height: number; task: ImageTask }[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  for (const task of tasks) {
    signal?.throwIfAborted();
    const size = await headerSize(task);
    if (typeof size === 'string') unreadable.push({ path: task.path, reason: size });
    else images.push({ path: task.path, output: task.names.image, ...size, task });
  }
  const sample = await trySample(job, images, signal);
  const left = images.filter(({ path }) => !done.has(path));
  const pixels = left.reduce((sum, { width, height }) => sum + width * height, 0);
  return {
    images: images.map(({ path, output, width, height }) => ({ path, output, width, height })),
    skipped: scan.skipped,
    unreadable,
    finished: images.length - left.length,
    estimate: {
      seconds: sample.seconds === null ? null : sample.seconds * left.length,
      bytes: Math.round(sample.bytesPerPixel * pixels),
      basis: sample.basis,
    },
    freeBytes: await freeBytes(paths.out),
  };
}

interface Sample {
  readonly seconds: number | null;
  readonly bytesPerPixel: number;
  readonly basis: string;
}

async function trySample(
  job: ProtectJob,
  images: readonly { readonly width: number; readonly height: number; readonly task: ImageTask }[],
  signal: AbortSignal | undefined,
): Promise<Sample> {
  const bySize = [...images].sort((a, b) => a.width * a.height - b.width * b.height);
  const inputs = await openProtectInputs(job);
  try {
    const median = bySize[bySize.length >> 1];
    if (median === undefined)
      return { seconds: null, bytesPerPixel: assumedBytesPerPixel, basis: 'no readable image' };
    const { task, width, height } = median;
    const started = performance.now();
    const quiet = () => undefined;
    const tried = await attempt(async () =>
      protectPixels(await readFile(task.absolute), task.path, task.names.image, inputs, {
        stage: quiet,
        note: quiet,
        signal,
      }),
    );
    signal?.throwIfAborted();
    const seconds = (performance.now() - started) / 1000;
    const what = `${task.path} (${width} x ${height}), tried in memory`;
    if (tried instanceof Failure || tried.kind === 'no-room') {
      const why = tried instanceof Failure ? tried.message : tried.reason;
      const basis = `${what}: ${why}; size from ${assumedBytesPerPixel} bytes a pixel`;
      return {
        seconds: tried instanceof Failure ? null : seconds,
        bytesPerPixel: assumedBytesPerPixel,
        basis,
      };
    }
    return { seconds, bytesPerPixel: tried.encoded.length / (width * height), basis: what };
  } finally {
    inputs.dispose();
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<T | Failure> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** Width and height by the file's header, or the reason why it has none. */
async function headerSize({ absolute }: ImageTask): Promise<{ width: number; height: number } | string> {
  try {
    const { width, height } = await sharp(absolute, { limitInputPixels: false }).metadata();
    return { width, height };
  } catch (error) {
    return describeError(error).reason.replace(/^a defect of the program: Error: /, '');
  }
}
