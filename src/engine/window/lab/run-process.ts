// One run of the lab in a process of its own: a crash ends this run and nothing else, and its memory goes with it.
import { describeError } from '../../jobs/run-items.ts';
import { removeOpenTemporaries } from '../../jobs/atomic-write.ts';
import { runKinds } from './kinds.ts';
import { toRunProcessSchema, type FromRunProcess, type ToRunProcess } from './run-wire.ts';

const cancellation = new AbortController();

process.on('message', (message) => {
  const parsed = toRunProcessSchema.safeParse(message);
  if (!parsed.success) return;
  if (parsed.data.kind === 'cancel') cancellation.abort();
  else void start(parsed.data);
});
process.on('disconnect', () => {
  removeOpenTemporaries();
  process.exit(1);
});

async function start({ run, settings, folder, threads }: Extract<ToRunProcess, { kind: 'start' }>) {
  const { signal } = cancellation;
  try {
    const kind = runKinds.find((one) => one.kind === run);
    if (kind === undefined) throw new Error(`there is no kind of run called ${run}`);
    await kind.run(settings, { folder, threads, signal, tell: (told) => send({ kind: 'told', told }) });
    end({ kind: 'ended', outcome: signal.aborted ? 'cancelled' : 'done' });
  } catch (error) {
    const { code, reason, hint } = describeError(error);
    end(
      signal.aborted
        ? { kind: 'ended', outcome: 'cancelled' }
        : { kind: 'failed', failure: { code, message: reason, hint: hint ?? null } },
    );
  }
}

function send(message: FromRunProcess): void {
  if (process.connected) process.send?.(message);
}

/** Leaves when the last message is out. */
function end(message: FromRunProcess): void {
  process.send?.(message, () => process.exit(0));
}
