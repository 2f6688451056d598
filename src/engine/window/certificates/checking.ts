import { fileURLToPath } from 'node:url';
import type { FailureReply } from '../../../shared/contract/reply.ts';
import { Failure, failureCodes } from '../../../shared/failure.ts';
import { reasonOfEnd, theCheck } from '../../end-of-process.ts';
import { AttendedProcess, type Exit } from '../attended-process.ts';
import type { WindowHost } from '../topic.ts';
import {
  fromCheckingProcessSchema,
  type Checked,
  type CheckingTask,
  type ToCheckingProcess,
} from './checking-wire.ts';

const script = fileURLToPath(new URL('./checking-process.ts', import.meta.url));

/** How long an image may hold a stop up before the process is killed; a half-restored file is removed by the next restoration. */
const patience = 3000;

type CheckedOf<T extends CheckingTask> = Extract<Checked, { work: T['work'] }>;

/** Work that is asked for, from the request on: stopped before its process is there it never starts one. */
interface Work {
  child: AttendedProcess<ToCheckingProcess> | null;
  stopped: boolean;
}

/** The verifications and restorations that are at work, each a process. */
export class Checking {
  readonly #host: Pick<WindowHost, 'emit'>;
  readonly #running = new Set<Work>();

  constructor(host: Pick<WindowHost, 'emit'>) {
    this.#host = host;
  }

  /** Tells the window how far the work is. @throws Failure that of the work; cancelled after `stop` */
  async run<T extends CheckingTask>(prepare: () => Promise<T>): Promise<CheckedOf<T>> {
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

  #attend<T extends CheckingTask>(work: Work, task: T): Promise<CheckedOf<T>> {
    return new Promise((resolve, reject) => {
      let checked: Checked | undefined;
      let failure: FailureReply | undefined;
      work.child = new AttendedProcess<ToCheckingProcess>(script, {
        patience,
        awaited: true,
        onMessage: (message) => {
          const parsed = fromCheckingProcessSchema.safeParse(message);
          if (!parsed.success) return;
          if (parsed.data.kind === 'progress') this.#host.emit('certificates.progress', parsed.data.progress);
          else if (parsed.data.kind === 'ended') ({ checked } = parsed.data);
          else ({ failure } = parsed.data);
        },
        onExit: (exit) => {
          if (isOf(task, checked) && !exit.cancelled) resolve(checked);
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

function isOf<T extends CheckingTask>(task: T, checked: Checked | undefined): checked is CheckedOf<T> {
  return checked?.work === task.work;
}

function failureOf(reply: FailureReply | undefined, exit: Exit): Error {
  if (exit.cancelled && reply?.code !== 'cancelled') return stopped();
  if (reply === undefined) {
    const { reason, hint } = reasonOfEnd(theCheck, exit.code, exit.signal, exit.lastWords);
    return new Failure('runtime-missing', reason, { hint });
  }
  const code = failureCodes.find((one) => one === reply.code);
  return code === undefined
    ? new Error(reply.message)
    : new Failure(code, reply.message, { hint: reply.hint ?? undefined });
}
