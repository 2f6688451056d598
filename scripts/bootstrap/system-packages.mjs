// Programs that npm cannot bring: installed with apt-get where we may (root on Debian), else named with the command to run.
import { findProgram, isRootOnDebian } from './machine.mjs';
import { run, say, SetupProblem } from './run.mjs';

const debianPackages = { 'g++': ['g++'], python3: ['python3', 'python3-pip'], pip: ['python3-pip'] };

/**
 * Makes sure that g++, python3 and pip are there.
 * @param {{mayInstall?: boolean}} options mayInstall: whether apt-get can be used here
 * @throws {SetupProblem} naming the one command that installs what is missing
 */
export async function ensureBuildTools({ mayInstall = isRootOnDebian() } = {}) {
  const missing = await missingTools();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((tool) => debianPackages[tool]))];
  await installPackages(packages, mayInstall, missing);
}

/** What Chromium needs on Debian, by a shared object that tells whether the package is there. */
const windowLibraries = {
  'libgtk-3.so.0': 'libgtk-3-0',
  'libnss3.so': 'libnss3',
  'libasound.so.2': 'libasound2',
  'libgbm.so.1': 'libgbm1',
  'libXss.so.1': 'libxss1',
  'libatk-bridge-2.0.so.0': 'libatk-bridge2.0-0',
  'libcups.so.2': 'libcups2',
  'libdrm.so.2': 'libdrm2',
  'libxkbcommon.so.0': 'libxkbcommon0',
};

/**
 * Makes sure that Electron can start on Linux, and that a machine without a screen has xvfb.
 * @throws {SetupProblem} naming the one command that installs what is missing
 */
export async function ensureWindowLibraries({ mayInstall = isRootOnDebian() } = {}) {
  if (process.platform !== 'linux') return;
  const packages = await missingWindowPackages();
  if (packages.length > 0) await installPackages(packages, mayInstall);
}

async function missingWindowPackages() {
  const known = await run('/sbin/ldconfig', ['-p'], { purpose: 'ldconfig -p' }).catch(() => null);
  const libraries =
    known === null ? [] : Object.keys(windowLibraries).filter((name) => !known.includes(`${name} `));
  const packages = libraries.map((name) => windowLibraries[name]);
  if (process.env.DISPLAY === undefined && process.env.WAYLAND_DISPLAY === undefined) {
    if (findProgram('Xvfb') === null) packages.push('xvfb');
    if (findProgram('xauth') === null) packages.push('xauth');
  }
  return packages;
}

async function installPackages(packages, mayInstall, names = packages) {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!mayInstall) {
    throw new SetupProblem(`${names.join(', ')} missing; on Debian or Ubuntu run: sudo ${command}`);
  }
  say(`installing ${packages.join(', ')} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update'], { env, purpose: 'apt-get update' });
  await run('apt-get', command.split(' ').slice(1), { env, purpose: command });
}

async function missingTools() {
  const missing = ['g++', 'python3'].filter((tool) => findProgram(tool) === null);
  if (!missing.includes('python3') && !(await hasPip())) missing.push('pip');
  return missing;
}

async function hasPip() {
  try {
    await run('python3', ['-m', 'pip', '--version'], { purpose: 'python3 -m pip --version' });
    return true;
  } catch {
    return false;
  }
}
