// A report written anew in a process of its own: its pictures take seconds in which the review must stay quick.
import { removeOpenTemporaries } from '../../jobs/atomic-write.ts';
import { describeError } from '../../jobs/run-items.ts';
import { renewReport } from '../../workflows/renew-report.ts';
import { toReportProcessSchema, type FromReportProcess } from './report-wire.ts';

process.on('message', (message) => {
  const parsed = toReportProcessSchema.safeParse(message);
  if (!parsed.success) return;
  renewReport(parsed.data).then(
    () => end({ kind: 'ended' }),
    (error: unknown) => {
      const { code, reason, hint } = describeError(error);
      end({ kind: 'failed', failure: { code, message: reason, hint: hint ?? null } });
    },
  );
});
process.on('disconnect', () => {
  removeOpenTemporaries();
  process.exit(1);
});

/** Leaves when the last message is out. */
function end(message: FromReportProcess): void {
  process.send?.(message, () => process.exit(0));
}
