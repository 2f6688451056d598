import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FailureReply } from '../../../shared/contract/reply.ts';
import { reasonOfEnd, theJob } from '../../end-of-process.ts';
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
  readonly #child: ChildProcess;
  readonly #onEnd: (end: EndOfRun) => void;
  #end: EndOfRun | undefined;
  #lastWords = '';
  #cancelled = false;
  #killer: NodeJS.Timeout | undefined;

  constructor(
    start: Omit<Extract<ToJobProcess, { kind: 'start' }>, 'kind'>,
    onMessage: (message: Extract<FromJobProcess, { kind: 'event' | 'paused' }>) => void,
    onEnd: (end: EndOfRun) => void,
  ) {
    this.#onEnd = onEnd;
    const child = fork(script, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#child = child;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('utf8')).slice(-8000);
    });
    child.on('message', (message) => {
      const parsed = fromJobProcessSchema.safeParse(message);
      if (!parsed.success) return;
      if (parsed.data.kind === 'event' || parsed.data.kind === 'paused') onMessage(parsed.data);
      else this.#end = parsed.data;
    });
    child.on('error', (error) => {
      this.#lastWords += `\n${error.message}`;
      this.#ended(null, null);
    });
    child.on('exit', (code, signal) => this.#ended(code, signal));
    this.#send({ kind: 'start', ...start });
  }

  pause(): void {
    this.#send({ kind: 'pause' });
  }

  resume(): void {
    this.#send({ kind: 'resume' });
  }

  cancel(): void {
    this.#cancelled = true;
    this.#send({ kind: 'cancel' });
    this.#killer ??= setTimeout(() => this.#child.kill('SIGKILL'), patience);
  }

  /** Ends at once, without a word; the journal keeps what is done. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await ended;
  }

  #send(message: ToJobProcess): void {
    this.#child.send(message, () => undefined);
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    clearTimeout(this.#killer);
    const end = this.#end ?? this.#unannounced(code, signal);
    this.#end = end;
    this.#child.removeAllListeners('exit');
    this.#child.removeAllListeners('error');
    this.#child.on('error', () => undefined);
    this.#onEnd(end);
  }

  #unannounced(code: number | null, signal: NodeJS.Signals | null): EndOfRun {
    if (this.#cancelled) return { kind: 'ended', outcome: 'cancelled' };
    const { reason, hint } = reasonOfEnd(theJob, code, signal, this.#lastWords);
    return { kind: 'crashed', failure: { code: 'runtime-missing', message: reason, hint } };
  }
}
