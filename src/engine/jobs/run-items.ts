import { Failure } from '../../shared/failure.ts';
import { visibleText } from '../../shared/visible-text.ts';
import type { ImageStage, ImageState, JobTotals } from '../../shared/job-events.ts';
import { remainingTime } from './eta.ts';
import type { Emit } from './event-stream.ts';

/** How one image ended; `code` and `reason` say why it was not done. */
export interface ItemEnd {
  readonly state: ImageState;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
}

export interface RunOptions<Item extends { readonly path: string }> {
  readonly items: readonly Item[];
  /** The end an earlier run has left for the item, still true now; null means it has to be worked on. */
  readonly recall?: ((item: Item) => Promise<ItemEnd | null>) | undefined;
  /** Called once, before the first image that needs work; what it throws concerns the whole job. */
  readonly prepare?: (() => Promise<void>) | undefined;
  /** Works on one image. A Failure thrown becomes the image's reason, and the job goes on. */
  readonly work: (item: Item, stage: (stage: ImageStage) => void) => Promise<ItemEnd>;
  /** Told about an image that failed, before the next one starts. */
  readonly onFailure?: ((item: Item, failure: ItemFailure) => Promise<void>) | undefined;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  /** Awaited before each item: a job that is paused waits here. */
  readonly gate?: (() => Promise<void>) | undefined;
}

export interface ItemFailure {
  readonly path: string;
  readonly code: string;
  readonly reason: string;
  readonly hint: string | undefined;
  readonly seconds: number;
}

export interface RunResult {
  readonly outcome: 'complete' | 'with-failures' | 'cancelled';
  readonly totals: JobTotals;
  readonly failures: readonly ItemFailure[];
  readonly noRoom: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Works through images one at a time, so that memory does not grow with their number, and goes on after a failed one.
 * Aborting the signal drops the current image and ends with `cancelled`: cancellation is a result, not an exception.
 * What concerns the whole job (a full disk, a defect of the engine) is thrown.
 */
export async function runItems<Item extends { readonly path: string }>(
  options: RunOptions<Item>,
): Promise<RunResult> {
  const { items, emit, signal } = options;
  const started = performance.now();
  const totals = { total: items.length, done: 0, kept: 0, noRoom: 0, failed: 0 };
  const failures: ItemFailure[] = [];
  const noRoom: { path: string; reason: string }[] = [];
  const time = remainingTime();
  let finished = 0;
  let prepared = false;

  for (const item of items) {
    // One turn of the event loop between images lets a signal or a message come in.
    await new Promise((resolve) => setImmediate(resolve));
    await options.gate?.();
    if (signal?.aborted === true) break;
    const before = performance.now();
    const seconds = () => round((performance.now() - before) / 1000);
    let end = await attempt(item.path, () => options.recall?.(item) ?? Promise.resolve(null), signal);
    const recalled = end !== null;
    if (end === null) {
      if (!prepared) await options.prepare?.();
      prepared = true;
      emit({ kind: 'image-started', path: item.path });
      end = await attempt(
        item.path,
        () => options.work(item, (stage) => emit({ kind: 'image-stage', path: item.path, stage })),
        signal,
      );
    }
    if (end === null) break;
    if (end.state === 'failed') {
      const failure = {
        path: item.path,
        code: end.code ?? 'defect',
        reason: end.reason ?? '',
        hint: end.hint,
        seconds: seconds(),
      };
      failures.push(failure);
      if (!recalled) await options.onFailure?.(item, failure);
    }
    if (end.state === 'no-room') noRoom.push({ path: item.path, reason: end.reason ?? '' });
    totals[end.state === 'no-room' ? 'noRoom' : end.state] += 1;
    finished += 1;
    if (!recalled) time.add(seconds());
    emit({
      kind: 'image-finished',
      path: item.path,
      state: end.state,
      reason: end.reason ?? null,
      code: end.code ?? null,
      seconds: seconds(),
    });
    emit({
      kind: 'progress',
      ...totals,
      finished,
      elapsedSeconds: round((performance.now() - started) / 1000),
      etaSeconds: time.estimate(items.length - finished, 0),
    });
  }

  const cancelled = finished < items.length;
  const outcome = cancelled ? 'cancelled' : failures.length > 0 ? 'with-failures' : 'complete';
  return { outcome, totals, failures, noRoom };
}

type Attempt = (ItemEnd & { readonly hint?: string | undefined }) | null;

/** Null when the image was dropped because of the cancellation, or when there was nothing to recall. */
async function attempt(
  path: string,
  run: () => Promise<ItemEnd | null>,
  signal: AbortSignal | undefined,
): Promise<Attempt> {
  try {
    return await run();
  } catch (error) {
    if (signal?.aborted === true) return null;
    if (concernsWholeJob(error)) throw error;
    return { state: 'failed', ...describeError(error, path) };
  }
}

/** Code, one-line reason and next step of anything thrown. What is no Failure is a defect and says so. */
export function describeError(
  error: unknown,
  path = '',
): { code: string; reason: string; hint: string | undefined } {
  if (error instanceof Failure) {
    // Lists name the image in front of the reason; the reason need not name it again.
    const prefix = `${visibleText(path)}: `;
    const { code, message, hint } = error;
    return { code, reason: message.startsWith(prefix) ? message.slice(prefix.length) : message, hint };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: 'defect',
    reason: `a defect of the program: ${visibleText(firstLine(text))}`,
    hint: 'Please report it with this line.',
  };
}

/** A name that is too long or blocked concerns one image; every other reason not to write concerns them all. */
function concernsWholeJob(error: unknown): boolean {
  if (!(error instanceof Failure)) return false;
  if (error.code === 'runtime-missing' || error.code === 'job-inconsistent') return true;
  if (error.code !== 'output-not-writable') return false;
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  return !['ENAMETOOLONG', 'EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'].includes(code);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function round(seconds: number): number {
  return Math.max(0, Math.round(seconds * 1000) / 1000);
}
