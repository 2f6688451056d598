import { fileURLToPath } from 'node:url';
import type { FailureReply } from '../../../shared/contract/reply.ts';
import { reasonOfEnd, theRun } from '../../end-of-process.ts';
import { AttendedProcess, type Exit } from '../attended-process.ts';
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
  readonly #process: AttendedProcess<ToRunProcess>;

  constructor(
    start: Omit<Extract<ToRunProcess, { kind: 'start' }>, 'kind'>,
    /** Whether it can go on after a crash, for what is said of one. */
    resumes: boolean,
    onTold: (told: Told) => void,
    onEnd: (end: EndOfRun) => void,
  ) {
    let end: EndOfRun | undefined;
    this.#process = new AttendedProcess(script, {
      patience,
      onMessage: (message) => {
        const parsed = fromRunProcessSchema.safeParse(message);
        if (!parsed.success) return;
        if (parsed.data.kind === 'told') onTold(parsed.data.told);
        else if (parsed.data.kind === 'ended') end = { kind: parsed.data.outcome };
        else end = parsed.data;
      },
      onExit: (exit) => onEnd(end ?? unannounced(exit, resumes)),
    });
    this.#process.send({ kind: 'start', ...start });
  }

  cancel(): void {
    this.#process.cancel({ kind: 'cancel' });
  }

  /** Ends at once, without a word. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }
}

function unannounced({ code, signal, lastWords, cancelled }: Exit, resumes: boolean): EndOfRun {
  if (cancelled) return { kind: 'cancelled' };
  const { reason, hint } = reasonOfEnd(theRun(resumes), code, signal, lastWords);
  return { kind: 'failed', failure: { code: 'runtime-missing', message: reason, hint } };
}
