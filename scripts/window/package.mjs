// The desktop application as an unpacked folder and a tar archive of it.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureElectron } from '../bootstrap/electron.mjs';
import { platform, projectRoot, readJsonOrNull } from '../bootstrap/machine.mjs';
import { run, say, SetupProblem } from '../bootstrap/run.mjs';
import { buildWindow } from './build.mjs';
import { makeEngineFolder } from './engine-folder.mjs';

const packages = join(projectRoot, 'packages');

const testNotice = `This package is a test artefact: it was made with a copy of Electron from npm, not with the official release.
Do not give it to anybody. Where the official Electron can be downloaded, npm run package makes the real one.
`;

/** @returns {Promise<string>} folder of the unpacked application */
export async function packageApplication(tools) {
  const electron = await ensureElectron();
  await buildWindow(tools);
  say('gathering the engine');
  await makeEngineFolder(join(packages, 'engine'));
  await writeNotices(electron);
  say('packing');
  const version = (await readFile(join(electron.folder, 'version'), 'utf8')).trim().replace(/^v/, '');
  const builder = join('node_modules', 'electron-builder', 'out', 'cli', 'cli.js');
  const config = [`-c.electronDist=${electron.folder}`, `-c.electronVersion=${version}`];
  await run(tools.node, [builder, '--dir', '--publish', 'never', ...config], {
    cwd: projectRoot,
    env: tools.env,
    purpose: 'electron-builder',
  });
  return unpackedFolder();
}

/** `packages/MedLocker-<version>-<platform>.tar.gz`, its name ending in -test where it is a test artefact. */
export async function archiveApplication(folder) {
  const { version } = readJsonOrNull(join(projectRoot, 'package.json'));
  const notice = await readFile(join(packages, 'notices', 'TEST-ARTEFACT.txt'), 'utf8').catch(() => null);
  const archive = join(packages, `MedLocker-${version}-${platform}${notice === null ? '' : '-test'}.tar.gz`);
  await run('tar', ['-czf', archive, '-C', join(folder, '..'), '--', folder.split(/[\\/]/).at(-1)], {
    purpose: 'tar',
  });
  return archive;
}

function unpackedFolder() {
  const names = {
    linux: 'linux-unpacked',
    win32: 'win-unpacked',
    darwin: `mac${process.arch === 'arm64' ? '-arm64' : ''}`,
  };
  const name = names[process.platform];
  if (name === undefined) throw new SetupProblem(`there is no package for ${process.platform}`);
  return join(packages, 'desktop', name);
}

async function writeNotices({ isTestCopy }) {
  const folder = join(packages, 'notices');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'LICENCE.txt'),
    await readFile(join(projectRoot, 'LICENSE'), 'utf8').catch(() => 'MIT\n'),
  );
  if (isTestCopy) await writeFile(join(folder, 'TEST-ARTEFACT.txt'), testNotice);
}
