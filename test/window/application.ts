import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
// Plain JavaScript: the same set-up that people run.
import { ensureElectron } from '../../scripts/bootstrap/electron.mjs';
import { openScreen } from './virtual-screen.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Application {
  readonly electron: ElectronApplication;
  readonly page: Page;
  /** Folder of settings, keys and jobs: its own for each start unless one is given. */
  readonly data: string;
  /** Screen it is shown on. */
  readonly display: string;
  close(): Promise<void>;
}

export interface StartOptions {
  /** User data of an earlier start, kept at the end. */
  readonly data?: string | undefined;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Opens the built window (dist/) in a real Electron, on a virtual screen where there is none. */
export async function startApplication(options: StartOptions = {}): Promise<Application> {
  const { program } = await ensureElectron();
  const screen = await openScreen();
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'medlocker-window-')));
  const electron = await _electron.launch({
    executablePath: program,
    args: [...sandboxSwitches(), `--user-data-dir=${data}`, root, ...(options.args ?? [])],
    env: { ...environment(), DISPLAY: screen.display, MEDLOCKER_TEST_RUNTIME: '1', ...options.env },
    timeout: 60_000,
  });
  const page = await electron.firstWindow();
  const { width, height } = options.size ?? { width: 1280, height: 800 };
  await electron.evaluate(
    ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
    { width, height },
  );
  await page.waitForLoadState('domcontentloaded');
  return {
    electron,
    page,
    data,
    display: screen.display,
    async close() {
      await electron.close();
      screen.close();
      if (options.data === undefined) await rm(data, { recursive: true, force: true });
    },
  };
}

/** Chromium refuses its sandbox to root, as in most containers; the packaged program never has this switch. */
export function sandboxSwitches(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

function environment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('VITEST'),
  );
  const env = Object.fromEntries(entries);
  delete env['NODE_OPTIONS'];
  delete env['NODE_ENV'];
  return env;
}
