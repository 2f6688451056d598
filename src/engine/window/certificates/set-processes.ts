import { fileURLToPath } from 'node:url';
import type { FailureReply } from '../../../shared/contract/reply.ts';
import { Failure, failureCodes } from '../../../shared/failure.ts';
import { reasonOfEnd, theSetProcess } from '../../end-of-process.ts';
import { AttendedProcess, type Exit } from '../attended-process.ts';
import type { WindowHost } from '../topic.ts';
import { fromSetProcessSchema, type SetResult, type SetTask, type ToSetProcess } from './set-wire.ts';

const script = fileURLToPath(new URL('./set-process.ts', import.meta.url));

/** How long an image may hold a stop up before the process is killed; a half-restored file is removed by the next restoration. */
const patience = 3000;

type ResultOf<T extends SetTask> = Extract<SetResult, { work: T['work'] }>;

/** Work that is asked for, from the request on: stopped before its process is there it never starts one. */
interface Work {
  child: AttendedProcess<ToSetProcess> | null;
  stopped: boolean;
}

/** Verifications, restorations or signatures that are at work, each a process. */
export class SetProcesses {
  readonly #host: Pick<WindowHost, 'emit'>;
  readonly #running = new Set<Work>();

  constructor(host: Pick<WindowHost, 'emit'>) {
    this.#host = host;
  }

  /** Tells the window how far the work is. @throws Failure that of the work; cancelled after `stop` */
  async run<T extends SetTask>(prepare: () => Promise<T>): Promise<ResultOf<T>> {
    const work: Work = { child: null, stopped: false };
    this.#running.add(work);
    try {
      const task = await prepare();
      if (work.stopped) throw stopped();
      return await this.#attend(work, task);
    } finally {
      this.#running.delete(work);
    }
  }

  /** Ends everything that is at work. */
  stop(): void {
    for (const work of this.#running) {
      work.stopped = true;
      work.child?.cancel({ kind: 'stop' });
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map(async ({ child }) => child?.kill()));
  }

  #attend<T extends SetTask>(work: Work, task: T): Promise<ResultOf<T>> {
    return new Promise((resolve, reject) => {
      let result: SetResult | undefined;
      let failure: FailureReply | undefined;
      work.child = new AttendedProcess<ToSetProcess>(script, {
        patience,
        awaited: true,
        onMessage: (message) => {
          const parsed = fromSetProcessSchema.safeParse(message);
          if (!parsed.success) return;
          if (parsed.data.kind === 'progress') this.#host.emit('certificates.progress', parsed.data.progress);
          else if (parsed.data.kind === 'ended') ({ result } = parsed.data);
          else ({ failure } = parsed.data);
        },
        onExit: (exit) => {
          if (isOf(task, result) && !exit.cancelled) resolve(result);
          else reject(failureOf(failure, exit));
        },
      });
      work.child.send({ kind: 'start', task });
    });
  }
}

function stopped(): Failure {
  return new Failure('cancelled', 'the work was stopped');
}

function isOf<T extends SetTask>(task: T, result: SetResult | undefined): result is ResultOf<T> {
  return result?.work === task.work;
}

function failureOf(reply: FailureReply | undefined, exit: Exit): Error {
  if (exit.cancelled && reply?.code !== 'cancelled') return stopped();
  if (reply === undefined) {
    const { reason, hint } = reasonOfEnd(theSetProcess, exit.code, exit.signal, exit.lastWords);
    return new Failure('runtime-missing', reason, { hint });
  }
  const code = failureCodes.find((one) => one === reply.code);
  return code === undefined
    ? new Error(reply.message)
    : new Failure(code, reply.message, { hint: reply.hint ?? undefined });
}
