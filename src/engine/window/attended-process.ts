import { fork, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/** How a process came to its end. */
export interface Exit {
  /** Both null when it could not be started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its stderr. */
  readonly lastWords: string;
  /** Whether it was asked to stop. */
  readonly cancelled: boolean;
}

/** Beside idle programs it loses nothing; where the window, a preview or another program computes, these come first. */
const priority = process.platform === 'win32' ? constants.priority.PRIORITY_BELOW_NORMAL : 5;

/** A process of the engine's that is talked to, can be asked to stop, and never ends unnoticed. */
export class AttendedProcess<Message extends object> {
  readonly #child: ChildProcess;
  readonly #patience: number;
  #lastWords = '';
  #cancelled = false;
  #killer: NodeJS.Timeout | undefined;

  /**
   * @param script path of its main module
   * @param options.patience how long it may take to stop when asked, in milliseconds, before it is killed
   * @param options.awaited a person waits for its end: it does not give way to the window as jobs and runs do
   * @param options.onExit called exactly once
   */
  constructor(
    script: string,
    options: {
      readonly patience: number;
      readonly awaited?: boolean;
      readonly onMessage: (message: unknown) => void;
      readonly onExit: (exit: Exit) => void;
    },
  ) {
    this.#patience = options.patience;
    const child = fork(script, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#child = child;
    if (options.awaited !== true) giveWay(child.pid);
    const exit = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(this.#killer);
      child.removeAllListeners('exit');
      child.removeAllListeners('error');
      child.on('error', () => undefined);
      options.onExit({ code, signal, lastWords: this.#lastWords, cancelled: this.#cancelled });
    };
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('utf8')).slice(-8000);
    });
    child.on('message', options.onMessage);
    child.on('error', (error) => {
      this.#lastWords += `\n${error.message}`;
      exit(null, null);
    });
    child.on('exit', exit);
  }

  /** A message to a process that has ended is lost without a word. */
  send(message: Message): void {
    this.#child.send(message, () => undefined);
  }

  /** Asks it to stop by `message`, and kills it when it does not. */
  cancel(message: Message): void {
    this.#cancelled = true;
    this.send(message);
    this.#killer ??= setTimeout(() => this.#child.kill('SIGKILL'), this.#patience);
  }

  /** Ends at once, without a word. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** At once, so that every thread of the process inherits it. */
function giveWay(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, priority);
  } catch {
    // It has ended already, which is told in its own way; or the system forbids it, and the job runs as everything else.
  }
}
