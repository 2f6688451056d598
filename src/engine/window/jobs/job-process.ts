// One protect job in a process of its own: a crash ends this job and nothing else, and its memory goes with it.
import { readFile } from 'node:fs/promises';
import { openOwnerKey } from '../../../ml/certificate/owner-key.ts';
import { removeOpenTemporaries } from '../../jobs/atomic-write.ts';
import { describeError } from '../../jobs/run-items.ts';
import { protect } from '../../workflows/protect.ts';
import { toJobProcessSchema, type FromJobProcess, type ToJobProcess } from './job-wire.ts';
import { pauseGate } from './pause-gate.ts';

const cancellation = new AbortController();
const gate = pauseGate(() => send({ kind: 'paused' }));

process.on('message', (message) => {
  const parsed = toJobProcessSchema.safeParse(message);
  if (parsed.success) take(parsed.data);
});
process.on('disconnect', () => {
  // The engine is gone. What is done stays; the rest goes on with the next start.
  removeOpenTemporaries();
  process.exit(1);
});

function take(message: ToJobProcess): void {
  switch (message.kind) {
    case 'start':
      void run(message);
      return;
    case 'pause':
      gate.close();
      return;
    case 'resume':
      gate.open();
      return;
    case 'cancel':
      cancellation.abort();
      gate.open();
  }
}

async function run({ job, owner: access, certifiesSet }: Extract<ToJobProcess, { kind: 'start' }>) {
  try {
    const owner = await openOwnerKey(await readFile(access.file), access.passphrase, 'the owner key');
    try {
      const { outcome } = await protect(job, {
        owner,
        signal: cancellation.signal,
        gate: gate.pass,
        certifiesSet,
        listen: (event) => send({ kind: 'event', event }),
      });
      end({ kind: 'ended', outcome });
    } finally {
      owner.wipe();
    }
  } catch (error) {
    const { code, reason, hint } = describeError(error);
    end({ kind: 'failed', failure: { code, message: reason, hint: hint ?? null } });
  }
}

function send(message: FromJobProcess): void {
  if (process.connected) process.send?.(message);
}

/** Leaves when the last message is out. */
function end(message: FromJobProcess): void {
  process.send?.(message, () => process.exit(0));
}
