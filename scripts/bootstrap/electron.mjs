// The Electron that opens the window: the official one wherever it can be had.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasElectronTestCopy, unpackedTestCopy } from './electron-test-copy.mjs';
import { projectRoot } from './machine.mjs';
import { run, say, SetupProblem } from './run.mjs';
import { ensureWindowLibraries } from './system-packages.mjs';

const packageFolder = join(projectRoot, 'node_modules', 'electron');

/**
 * Electron's folder and program: ELECTRON_OVERRIDE_DIST_PATH, else the official download, else (Linux x64) the copy that npm
 * carries. Packages for people are never made from that copy.
 * @returns {Promise<{folder: string, program: string, isTestCopy: boolean}>}
 * @throws {SetupProblem} with the next step
 */
export async function ensureElectron() {
  await ensureWindowLibraries();
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) return checked(override, 'ELECTRON_OVERRIDE_DIST_PATH');
  const official = (await officialFolder()) ?? (await downloadOfficial());
  if (official !== null) return checked(official, 'the electron package');
  const folder = await unpackedTestCopy();
  say('the window runs in a test copy of Electron from npm, not in the official release');
  return { folder, program: join(folder, 'electron'), isTestCopy: true };
}

async function checked(folder, from) {
  const program = join(folder, await programName());
  if (existsSync(program)) return { folder, program, isTestCopy: false };
  throw new SetupProblem(`${from}: there is no ${program}`);
}

async function officialFolder() {
  const folder = join(packageFolder, 'dist');
  return existsSync(join(folder, await programName())) ? folder : null;
}

/** Null where it cannot be reached and the test copy can stand in. The package checks the download's checksum itself. */
async function downloadOfficial() {
  if (hasElectronTestCopy()) return null;
  say('downloading Electron (about 110 MB, once)');
  try {
    await run(process.execPath, [join(packageFolder, 'install.js')], { purpose: 'Electron' });
    return await officialFolder();
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    say(
      `${error.message.split('\n').slice(0, 2).join(' ')}; ELECTRON_OVERRIDE_DIST_PATH can name an unpacked Electron`,
    );
    return null;
  }
}

async function programName() {
  const listed = await readFile(join(packageFolder, 'path.txt'), 'utf8').catch(() => '');
  if (listed !== '') return listed;
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}
