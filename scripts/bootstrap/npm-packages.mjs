// npm ci, when and only when the installed packages are not those of package-lock.json.
import { join } from 'node:path';
import { projectRoot, readJsonOrNull } from './machine.mjs';
import { run, say } from './run.mjs';

/**
 * Compares package-lock.json with the record that npm writes last into node_modules; an interrupted install has none.
 * Packages for other platforms are optional and may be absent.
 */
export function packagesAreInstalled(folder = projectRoot) {
  const wanted = readJsonOrNull(join(folder, 'package-lock.json'))?.packages;
  const installed = readJsonOrNull(join(folder, 'node_modules', '.package-lock.json'))?.packages;
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const present = installed[path];
    if (present === undefined) return entry.optional === true;
    return present.version === entry.version && present.integrity === entry.integrity;
  });
}

/** No package script runs: what a package needs beyond its files is a step of this set-up. */
export async function ensurePackages() {
  if (packagesAreInstalled()) return;
  say('installing npm packages');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  await run(npm, args, { cwd: projectRoot, purpose: 'npm ci' });
}
