import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ensureElectron } from '../../scripts/bootstrap/electron.mjs';
import { sandboxSwitches } from '../../test/window/application.ts';
import { openScreen } from '../../test/window/virtual-screen.ts';

/** The application as it is built, and a window that does nothing, for Electron's command line. */
export const application = fileURLToPath(new URL('../..', import.meta.url));
export const bareWindow = fileURLToPath(new URL('bare/main.mjs', import.meta.url));

export interface Program {
  readonly pid: number;
  /** Unix milliseconds just before the process was made. */
  readonly created: number;
  readonly stderr: Readable;
  close(): Promise<void>;
}

/**
 * Starts a program as a person would: a driver that is there from the beginning would hold the start up and take memory.
 *
 * @param data its user data, kept between starts
 */
export async function startProgram(
  program: string,
  data: string,
  switches: readonly string[] = [],
): Promise<Program> {
  const { program: electron } = await ensureElectron();
  const screen = await openScreen();
  const env = { ...process.env, DISPLAY: screen.display, MEDLOCKER_TEST_RUNTIME: '1' };
  const args = [...sandboxSwitches(), ...switches, `--user-data-dir=${data}`, program];
  const created = performance.timeOrigin + performance.now();
  const child = spawn(electron, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    created,
    stderr: child.stderr,
    async close() {
      child.kill();
      await ended;
      screen.close();
    },
  };
}
