import type { FailureCode } from '../shared/failure.ts';

/** What the exit status of every command means; the table stands in `--help` and docs/cli.md. */
export const exitCodes = {
  done: 0,
  /** The system stopped the work (disk full, folder locked), or a defect of the program. */
  stopped: 1,
  usage: 2,
  withFailures: 3,
  negative: 4,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const negativeCodes: readonly FailureCode[] = [
  'certificate-mismatch',
  'signature-invalid',
  'signer-unknown',
  'pixels-altered',
  'licence-invalid',
  'licence-expired',
  'wrong-key',
  'residual-damaged',
  'certificate-unreadable',
];
const stoppedCodes: readonly FailureCode[] = ['output-not-writable', 'job-inconsistent', 'runtime-missing'];

/** Exit code for a failure that ended a command. */
export function exitCodeOf(code: FailureCode): ExitCode {
  if (code === 'cancelled') return exitCodes.cancelled;
  if (negativeCodes.includes(code)) return exitCodes.negative;
  if (stoppedCodes.includes(code)) return exitCodes.stopped;
  return exitCodes.usage;
}

/** Whether a reason recorded for an image says that something was checked and found wrong. */
export function isNegative(code: string): boolean {
  return (negativeCodes as readonly string[]).includes(code);
}

export const exitCodeHelp = `
Exit codes
  0    done
  1    stopped by the system (disk full, output not writable, job locked) or by a defect
  2    the command or one of its files cannot be used as given
  3    finished, but some images failed
  4    checked and found wrong: altered, wrong key, licence refused
  130  cancelled`;
