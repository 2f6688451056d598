import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

/** Time all jobs of the tests are dated with, so that two runs can give the same bytes. */
const epoch = '1767225600';

export const passphrase = 'a passphrase for tests only';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output and error together contain the text, or the process ends. */
  untilSays(text: string): Promise<void>;
}

/** Starts the real command line in a process of its own. */
export function startMedlocker(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      SOURCE_DATE_EPOCH: epoch,
      MEDLOCKER_PASSPHRASE: passphrase,
      NO_COLOR: '1',
      ...env,
    },
  });
  let stdout = '';
  let stderr = '';
  let listeners: (() => void)[] = [];
  const wake = () => listeners.forEach((listener) => listener());
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    wake();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
      wake();
    });
  });
  return {
    child,
    ended,
    async untilSays(text) {
      while (!`${stdout}${stderr}`.includes(text) && child.exitCode === null && child.signalCode === null) {
        await new Promise<void>((resolve) => {
          listeners = [resolve];
        });
      }
    },
  };
}

/** Runs the real command line to its end. */
export async function medlocker(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return startMedlocker(args, env).ended;
}

/** The JSON lines of standard output. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
