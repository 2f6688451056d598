import { removeOpenTemporaries } from '../engine/jobs/atomic-write.ts';
import { exitCodes } from './exit-codes.ts';

/** How long the current step may take to notice the cancellation before the process ends anyway. */
const patience = 1800;

/**
 * An AbortSignal for Ctrl-C and SIGTERM. The first asks the work to end (the current image is dropped); a second one, or a step that
 * does not notice within two seconds, ends the process after removing its temporary files. Written files are whole at any time.
 */
export function watchInterruption(tell: (line: string) => void): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const endNow = () => {
    removeOpenTemporaries();
    process.exit(exitCodes.cancelled);
  };
  const onSignal = () => {
    if (controller.signal.aborted) endNow();
    tell('cancelling: the image at work is dropped, finished images stay; once more to stop at once');
    controller.abort(new Error('cancelled'));
    timer = setTimeout(endNow, patience);
    timer.unref();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    stop() {
      // After a cancellation the timer stays: it ends a process that a step still at work would keep alive.
      if (!controller.signal.aborted) clearTimeout(timer);
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
