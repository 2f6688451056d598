// The engine as it goes into the packaged application: sources, assets, its packages and its Node, nothing for development.
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative, sep } from 'node:path';
import { bundledNode } from '../bootstrap/node24.mjs';
import { projectRoot, readJsonOrNull } from '../bootstrap/machine.mjs';
import { SetupProblem } from '../bootstrap/run.mjs';

const sources = ['src/shared', 'src/ml', 'src/engine', 'assets'];

/** Bundles for browsers, maps and types: large, and nothing the engine loads. */
const leftOut = new Set(['.map', '.md', '.flow']);

/** @param {string} folder emptied and filled */
export async function makeEngineFolder(folder) {
  if (bundledNode() === null)
    throw new SetupProblem(
      'the package needs the Node that comes with npm ci, and there is none for this platform',
    );
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const source of sources) {
    await cp(join(projectRoot, source), join(folder, source), {
      recursive: true,
      filter: (path) => !/\.(test|fixture)\.ts$/.test(path),
    });
  }
  const { name, version, type, license } = readJsonOrNull(join(projectRoot, 'package.json'));
  await writeFile(
    join(folder, 'package.json'),
    `${JSON.stringify({ name, version, type, license, private: true }, null, 2)}\n`,
  );
  for (const path of runtimePackages()) await copyPackage(path, folder);
}

/** Paths of the packages that a run needs, the optional ones of this platform included, as package-lock.json has them. */
function runtimePackages() {
  const { packages } = readJsonOrNull(join(projectRoot, 'package-lock.json'));
  return Object.entries(packages).flatMap(([path, { dev }]) =>
    path !== '' && dev !== true && existsSync(join(projectRoot, path)) ? [path] : [],
  );
}

async function copyPackage(path, folder) {
  const source = join(projectRoot, path);
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await cp(source, target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => belongs(relative(source, file)),
  });
}

function belongs(file) {
  if (file === '') return true;
  // A package's own node_modules are listed by npm as packages of their own.
  if (file.split(sep)[0] === 'node_modules') return false;
  if (leftOut.has(extname(file)) || file.endsWith('.d.ts')) return false;
  return !isOfAnotherPlatform(file);
}

/** onnxruntime-node carries the libraries of every platform. */
function isOfAnotherPlatform(file) {
  const match = /^bin[\\/]napi-v\d+[\\/](\w+)(?:[\\/](\w+))?/.exec(file);
  if (match === null) return false;
  return match[1] !== process.platform || (match[2] !== undefined && match[2] !== process.arch);
}
