// Development: the window with hot reload.
import { join } from 'node:path';
import { ensureElectron } from '../bootstrap/electron.mjs';
import { projectRoot } from '../bootstrap/machine.mjs';
import { say } from '../bootstrap/run.mjs';
import { runInForeground } from '../foreground.mjs';
import { compileMessages } from './build.mjs';

/** @returns {Promise<number>} exit code */
export async function startWindow(tools, args) {
  const electron = await ensureElectron();
  await compileMessages(tools);
  const env = { ...tools.env, ELECTRON_EXEC_PATH: electron.program };
  if (electron.isTestCopy) env.MEDLOCKER_TEST_RUNTIME = '1';
  const script = join('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const devArgs = ['dev', '--config', 'electron.config.ts'];
  if (process.getuid?.() === 0) {
    say('Chromium refuses its sandbox to root: it is off in this start, and only in this one');
    devArgs.push('--noSandbox');
  }
  // What follows a `--` is for the window itself.
  return runInForeground(tools.node, [script, ...devArgs, ...args], { cwd: projectRoot, env });
}
