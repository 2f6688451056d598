import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FailureReply } from '../../../shared/contract/reply.ts';
import { reasonOfEnd, theRun } from '../../end-of-process.ts';
import { fromRunProcessSchema, type Told, type ToRunProcess } from './run-wire.ts';

const script = fileURLToPath(new URL('./run-process.ts', import.meta.url));

/** How long a step may hold a cancellation up before the process is killed, in milliseconds. */
const patience = 5000;

export type EndOfRun =
  | { readonly kind: 'done' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly failure: FailureReply };

/** The process of a run, seen from the engine. `onEnd` is called exactly once. */
export class RunChild {
  readonly #child: ChildProcess;
  readonly #onEnd: (end: EndOfRun) => void;
  #end: EndOfRun | undefined;
  #lastWords = '';
  #cancelled = false;
  #killer: NodeJS.Timeout | undefined;

  constructor(
    start: Omit<Extract<ToRunProcess, { kind: 'start' }>, 'kind'>,
    onTold: (told: Told) => void,
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
      const parsed = fromRunProcessSchema.safeParse(message);
      if (!parsed.success) return;
      if (parsed.data.kind === 'told') onTold(parsed.data.told);
      else if (parsed.data.kind === 'ended') this.#end = { kind: parsed.data.outcome };
      else this.#end = parsed.data;
    });
    child.on('error', (error) => {
      this.#lastWords += `\n${error.message}`;
      this.#ended(null, null);
    });
    child.on('exit', (code, signal) => this.#ended(code, signal));
    this.#send({ kind: 'start', ...start });
  }

  cancel(): void {
    this.#cancelled = true;
    this.#send({ kind: 'cancel' });
    this.#killer ??= setTimeout(() => this.#child.kill('SIGKILL'), patience);
  }

  /** Ends at once, without a word. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await ended;
  }

  #send(message: ToRunProcess): void {
    this.#child.send(message, () => undefined);
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    clearTimeout(this.#killer);
    this.#child.removeAllListeners('exit');
    this.#child.removeAllListeners('error');
    this.#child.on('error', () => undefined);
    this.#onEnd(this.#end ?? this.#unannounced(code, signal));
  }

  #unannounced(code: number | null, signal: NodeJS.Signals | null): EndOfRun {
    if (this.#cancelled) return { kind: 'cancelled' };
    const { reason, hint } = reasonOfEnd(theRun, code, signal, this.#lastWords);
    return { kind: 'failed', failure: { code: 'runtime-missing', message: reason, hint } };
  }
}
