import type { Command } from 'commander';
import { Failure } from '../shared/failure.ts';
import { openConsole, reportFailure, type Console } from './console.ts';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
import { watchInterruption } from './interruption.ts';

export interface ActionContext {
  readonly console: Console;
  readonly signal: AbortSignal;
}

export type Action = (context: ActionContext) => Promise<ExitCode>;

/** Adds `--json`, which every command has. */
export function withJson(command: Command): Command {
  return command.option('--json', 'write JSON to standard output; words for people go to standard error');
}

/** Runs a command's work with its console and its interruption, and turns whatever happens into an exit code. */
export async function runAction(
  options: { readonly json?: boolean | undefined },
  action: Action,
): Promise<void> {
  const console = openConsole(options.json === true);
  const interruption = watchInterruption((line) => console.warn(line));
  const { signal } = interruption;
  try {
    process.exitCode = await action({ console, signal });
  } catch (error) {
    const cancelled = signal.aborted && !(error instanceof Failure && error.code === 'output-not-writable');
    process.exitCode = cancelled
      ? exitCodes.cancelled
      : error instanceof Failure
        ? exitCodeOf(error.code)
        : exitCodes.stopped;
    if (cancelled) console.warn('cancelled');
    else reportFailure(console, error, process.exitCode);
  } finally {
    interruption.stop();
  }
}
