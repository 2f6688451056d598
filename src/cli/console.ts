import { Failure } from '../shared/failure.ts';

/** Where a command writes. With `--json` standard output carries JSON only, and people read standard error. */
export interface Console {
  readonly json: boolean;
  /** True when a person watches standard error. */
  readonly interactive: boolean;
  /** A line for people. */
  say(line?: string): void;
  /** A line for people about something that went wrong or needs care. */
  warn(line: string): void;
  /** A JSON value on a line of its own; nothing without `--json`. */
  emit(value: unknown): void;
}

export function openConsole(json: boolean): Console {
  const toStandardError = (line: string) => void process.stderr.write(`${line}\n`);
  const toStandardOutput = (line: string) => void process.stdout.write(`${line}\n`);
  return {
    json,
    interactive: process.stderr.isTTY === true,
    say: (line = '') => (json ? toStandardError(line) : toStandardOutput(line)),
    warn: toStandardError,
    emit: (value) => {
      if (json) toStandardOutput(JSON.stringify(value));
    },
  };
}

/** `error: what is wrong` and, below it, the next step. */
export function reportFailure(console: Console, error: unknown, exitCode: number): void {
  const failure = error instanceof Failure ? error : null;
  const message = failure?.message ?? (error instanceof Error ? error.message : String(error));
  console.warn(failure === null ? `error: a defect of the program: ${message}` : `error: ${message}`);
  if (failure?.hint !== undefined) console.warn(`       ${failure.hint}`);
  if (failure === null && error instanceof Error && process.env['MEDLOCKER_TRACE'] !== undefined) {
    console.warn(error.stack ?? '');
  }
  console.emit({
    kind: 'error',
    code: failure?.code ?? 'defect',
    message,
    subject: failure?.subject ?? null,
    hint: failure?.hint ?? null,
    exitCode,
  });
}
