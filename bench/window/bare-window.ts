import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type Page } from 'playwright-core';
import { ensureElectron } from '../../scripts/bootstrap/electron.mjs';
import { sandboxSwitches } from '../../test/window/application.ts';
import { openScreen } from '../../test/window/virtual-screen.ts';
import { bareWindow } from './program.ts';

export interface BareWindow {
  readonly page: Page;
  /** Process id of its main process. */
  readonly pid: number;
  close(): Promise<void>;
}

/** Opens the bare window in the same Electron as the application, its content as large as asked, in CSS pixels. */
export async function openBareWindow(size: { width: number; height: number }): Promise<BareWindow> {
  const { program } = await ensureElectron();
  const screen = await openScreen();
  const data = await mkdtemp(join(tmpdir(), 'medlocker-bench-bare-'));
  const electron = await _electron.launch({
    executablePath: program,
    args: [...sandboxSwitches(), `--user-data-dir=${data}`, bareWindow],
    env: { ...presentEnvironment(), DISPLAY: screen.display },
  });
  const page = await electron.firstWindow();
  await electron.evaluate(
    ({ BrowserWindow }, { width, height }) => BrowserWindow.getAllWindows()[0]?.setContentSize(width, height),
    size,
  );
  return {
    page,
    pid: electron.process().pid ?? 0,
    async close() {
      await electron.close();
      screen.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

function presentEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
