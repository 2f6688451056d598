import type { CheckingProgress } from '../../../shared/contract/certificates.ts';
import { Failure } from '../../../shared/failure.ts';
import type { JobListener } from '../../jobs/event-stream.ts';
import type { WindowHost } from '../topic.ts';

/** How a workflow is listened to and ended. */
export interface Watch {
  readonly listen: JobListener;
  readonly signal: AbortSignal;
}

export interface Checking {
  /** Tells the window how far the work is. @throws Failure cancelled after `stop` */
  run<T>(work: CheckingProgress['work'], task: (watch: Watch) => Promise<T>): Promise<T>;
  /** Ends everything that is at work. */
  stop(): void;
}

/** Milliseconds between two tellings. */
const tellEvery = 250;

export function checking({ emit }: Pick<WindowHost, 'emit'>): Checking {
  const running = new Set<AbortController>();
  return {
    async run(work, task) {
      const controller = new AbortController();
      const { signal } = controller;
      running.add(controller);
      try {
        return await task({ listen: teller(work, emit), signal });
      } catch (error) {
        throw signal.aborted ? new Failure('cancelled', 'the work was stopped') : error;
      } finally {
        running.delete(controller);
      }
    },
    stop() {
      for (const controller of running) controller.abort();
    },
  };
}

function teller(work: CheckingProgress['work'], emit: WindowHost['emit']): JobListener {
  let last = -Infinity;
  return (event) => {
    if (event.kind !== 'progress') return;
    const { finished, total, etaSeconds } = event;
    const now = performance.now();
    if (now - last < tellEvery && finished < total) return;
    last = now;
    emit('certificates.progress', { work, finished, total, etaSeconds });
  };
}
