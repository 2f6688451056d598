import { fileURLToPath } from 'node:url';
import type { FailureReply } from '../../../shared/contract/reply.ts';
import { reasonOfEnd, theJob } from '../../end-of-process.ts';
import { AttendedProcess, type Exit } from '../attended-process.ts';
import { fromJobProcessSchema, type FromJobProcess, type ToJobProcess } from './job-wire.ts';

const script = fileURLToPath(new URL('./job-process.ts', import.meta.url));

/** How long an image may hold a cancellation up before its process is killed; its half-done files are removed by the next start. */
const patience = 3000;

export type EndOfRun =
  | { readonly kind: 'ended'; readonly outcome: 'complete' | 'with-failures' | 'cancelled' }
  | { readonly kind: 'failed'; readonly failure: FailureReply }
  /** The process died: killed, out of memory, a missing library. */
  | { readonly kind: 'crashed'; readonly failure: FailureReply };

/** The process that works on a job, seen from the engine. `onEnd` is called exactly once. */
export class JobRun {
  readonly #process: AttendedProcess<ToJobProcess>;

  constructor(
    start: Omit<Extract<ToJobProcess, { kind: 'start' }>, 'kind'>,
    onMessage: (message: Extract<FromJobProcess, { kind: 'event' | 'paused' }>) => void,
    onEnd: (end: EndOfRun) => void,
  ) {
    let end: EndOfRun | undefined;
    this.#process = new AttendedProcess(script, {
      patience,
      onMessage: (message) => {
        const parsed = fromJobProcessSchema.safeParse(message);
        if (!parsed.success) return;
        if (parsed.data.kind === 'event' || parsed.data.kind === 'paused') onMessage(parsed.data);
        else end = parsed.data;
      },
      onExit: (exit) => onEnd(end ?? unannounced(exit)),
    });
    this.#process.send({ kind: 'start', ...start });
  }

  pause(): void {
    this.#process.send({ kind: 'pause' });
  }

  resume(): void {
    this.#process.send({ kind: 'resume' });
  }

  cancel(): void {
    this.#process.cancel({ kind: 'cancel' });
  }

  /** Ends at once, without a word; the journal keeps what is done. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }
}

function unannounced({ code, signal, lastWords, cancelled }: Exit): EndOfRun {
  if (cancelled) return { kind: 'ended', outcome: 'cancelled' };
  const { reason, hint } = reasonOfEnd(theJob, code, signal, lastWords);
  return { kind: 'crashed', failure: { code: 'runtime-missing', message: reason, hint } };
}
