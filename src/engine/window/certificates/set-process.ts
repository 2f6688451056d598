// One verification, restoration or signature of a set in a process of its own: whatever the files do to it, the engine and its jobs go on.
import type { CheckingProgress } from '../../../shared/contract/certificates.ts';
import { removeOpenTemporaries } from '../../jobs/atomic-write.ts';
import type { JobListener } from '../../jobs/event-stream.ts';
import { describeError } from '../../jobs/run-items.ts';
import { toSetProcessSchema, type SetResult, type SetTask, type FromSetProcess } from './set-wire.ts';
import { certifyFolder } from './certify-folder.ts';
import { restoreFolder } from './restore-folder.ts';
import { verifyDropped } from './verify-dropped.ts';

/** Milliseconds between two tellings. */
const tellEvery = 250;
const cancellation = new AbortController();

process.on('message', (message) => {
  const parsed = toSetProcessSchema.safeParse(message);
  if (!parsed.success) return;
  if (parsed.data.kind === 'stop') cancellation.abort();
  else void run(parsed.data.task);
});
process.on('disconnect', () => {
  removeOpenTemporaries();
  process.exit(1);
});

async function run(task: SetTask): Promise<void> {
  try {
    end({ kind: 'ended', result: await check(task) });
  } catch (error) {
    const { code, reason, hint } = describeError(error);
    end({ kind: 'failed', failure: { code, message: reason, hint: hint ?? null } });
  }
}

async function check(task: SetTask): Promise<SetResult> {
  if (task.work === 'certify') return { work: 'certify', ...(await certifyFolder(task)) };
  const watch = { listen: teller(task.work), signal: cancellation.signal };
  if (task.work === 'verify')
    return { work: 'verify', verification: await verifyDropped({ ...task, watch }) };
  return { work: 'restore', images: await restoreFolder(task, watch) };
}

function teller(work: CheckingProgress['work']): JobListener {
  let last = -Infinity;
  return (event) => {
    if (event.kind !== 'progress') return;
    const { finished, total, etaSeconds } = event;
    const now = performance.now();
    if (now - last < tellEvery && finished < total) return;
    last = now;
    send({ kind: 'progress', progress: { work, finished, total, etaSeconds } });
  };
}

function send(message: FromSetProcess): void {
  if (process.connected) process.send?.(message);
}

/** Leaves when the last message is out. */
function end(message: FromSetProcess): void {
  process.send?.(message, () => process.exit(0));
}
