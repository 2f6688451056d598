// Puts a current libtensorflow and a freshly compiled binding under node_modules/@tensorflow/tfjs-node-gpu.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, link, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withCudaLibraries } from './cuda-environment.mjs';
import { cudaWheelsFor } from './cuda-wheels.mjs';
import { unpackedWheel, wheelFor } from './libtensorflow-wheel.mjs';
import { platform, projectRoot } from './machine.mjs';
import { usableNode } from './node24.mjs';
import { run, say, SetupProblem } from './run.mjs';
import { ensureBuildTools } from './system-packages.mjs';

const packageFolder = join(projectRoot, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
const stampFile = join(packageFolder, 'medlocker-libtensorflow.json');
// The binding is looked up by the highest Node-API version that the package lists and the running Node supports.
const bindingFolder = join('lib', 'napi-v8');
const bindingName = 'tfjs_binding.node';
const temporaryPrefix = 'medlocker-building-';
const compilerFlags = ['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-w'];

/**
 * The CPU build, unless the CUDA build is there. Idempotent; takes milliseconds when the stamp of a complete installation is the expected one.
 * @param {<Result>(step: () => Promise<Result>) => Promise<Result>} alone runs a step under the lock of this checkout
 * @throws {SetupProblem} with what is missing and the next step
 */
export async function ensureLibtensorflow(alone) {
  const wheel = wheelFor(platform);
  checkThatItCanBe(wheel);
  const stamp = await expectedStamp(wheel);
  if (isInstalled(stamp)) return;
  const cuda = cudaWheelsFor(platform);
  if (cuda !== null && isInstalled(await expectedStamp(cuda.tensorflow))) return;
  await alone(async () => {
    if (!isInstalled(stamp)) await install(wheel, [], stamp);
  });
}

/**
 * The CUDA build in the place of the CPU build, its NVIDIA libraries in deps/cuda. What was installed stays until everything is
 * downloaded, checked and compiled; an installation that cannot compute is undone by the next set-up.
 * @throws {SetupProblem} with what is missing and the next step
 */
export async function installCudaBuild(alone) {
  const wheels = cudaWheelsFor(platform);
  checkThatItCanBe(wheels);
  const stamp = await expectedStamp(wheels.tensorflow);
  await alone(async () => {
    if (!isInstalled(stamp)) await install(wheels.tensorflow, wheels.libraries, stamp);
  });
}

function checkThatItCanBe(wheel) {
  if (wheel === null) {
    throw new SetupProblem(`this version sets it up on Linux x64 only, not on ${platform}`);
  }
  if (!existsSync(packageFolder)) {
    throw new SetupProblem('the optional package @tensorflow/tfjs-node-gpu is not installed');
  }
}

function isInstalled(stamp) {
  const files = [join('deps', 'lib', 'libtensorflow_cc.so.2'), join(bindingFolder, bindingName)];
  return readFileOrEmpty(stampFile) === stamp && files.every((file) => existsSync(join(packageFolder, file)));
}

async function install(wheel, cudaLibraries, stamp) {
  await ensureBuildTools();
  const source = await unpackedWheel(wheel);
  const libraries = [];
  for (const library of cudaLibraries) libraries.push(await unpackedWheel(library));
  await removeLeftovers();
  const work = await mkdtemp(join(packageFolder, temporaryPrefix));
  await placeLibraries(source, join(work, 'deps'));
  await placeCudaLibraries(libraries, join(work, 'deps', 'cuda'));
  await compileBinding(work);
  await putInPlace(work);
  await checkThatItLoads();
  await writeFile(join(packageFolder, `${temporaryPrefix}stamp`), stamp);
  await rename(join(packageFolder, `${temporaryPrefix}stamp`), stampFile);
}

/** Everything that decides what the compiled binding is: a change of any of it means building again. */
async function expectedStamp(wheel) {
  const sources = createHash('sha256');
  for (const name of (await readdir(join(packageFolder, 'binding'))).sort()) {
    sources.update(name).update(readFileSync(join(packageFolder, 'binding', name)));
  }
  return JSON.stringify({
    layout: 1,
    libtensorflow: wheel.version,
    wheel: wheel.sha256,
    binding: sources.digest('hex'),
    compilerFlags,
  });
}

/** The libraries under every name by which the binding, the package's installer or another library may ask for them. */
async function placeLibraries(source, target) {
  const libraries = join(target, 'lib');
  await mkdir(libraries, { recursive: true });
  const aliases = {
    'libtensorflow_cc.so.2': ['libtensorflow.so', 'libtensorflow.so.2', 'libtensorflow.so.2.9.1'],
    'libtensorflow_framework.so.2': ['libtensorflow_framework.so', 'libtensorflow_framework.so.2.9.1'],
  };
  for (const [real, names] of Object.entries(aliases)) {
    await linkOrCopy(join(source, 'lib', real), join(libraries, real));
    for (const name of names) await symlink(real, join(libraries, name));
  }
  await cp(join(source, 'include'), join(target, 'include'), { recursive: true });
}

async function placeCudaLibraries(sources, target) {
  if (sources.length === 0) return;
  await mkdir(target);
  for (const source of sources) {
    for (const name of await readdir(join(source, 'lib'))) {
      await linkOrCopy(join(source, 'lib', name), join(target, name));
    }
  }
}

// 680 MB: a hard link costs nothing where the cache lies on the same file system.
async function linkOrCopy(from, to) {
  try {
    await link(from, to);
  } catch {
    await cp(from, to);
  }
}

/** The compiler is called directly: node-gyp would download Node's headers, and Node-API needs only its own two. */
async function compileBinding(work) {
  say('compiling the TensorFlow binding (about 20 s)');
  await mkdir(join(work, bindingFolder), { recursive: true });
  const binding = join(packageFolder, 'binding');
  const sources = (await readdir(binding)).filter((name) => name.endsWith('.cc')).sort();
  const args = [...compilerFlags];
  args.push('-I', join(projectRoot, 'node_modules', 'node-api-headers', 'include'));
  args.push('-I', join(work, 'deps', 'include'), '-I', packageFolder);
  args.push(...sources.map((name) => join(binding, name)));
  args.push('-o', join(work, bindingFolder, bindingName), '-L', join(work, 'deps', 'lib'));
  args.push('-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib');
  await run('g++', args, { purpose: 'compiling the TensorFlow binding' });
}

/** The stamp goes first and comes back last, so an interruption anywhere between means: build again. */
async function putInPlace(work) {
  await rm(stampFile, { force: true });
  for (const folder of ['deps', 'lib']) {
    await rm(join(packageFolder, folder), { recursive: true, force: true });
    await rename(join(work, folder), join(packageFolder, folder));
  }
  await rm(work, { recursive: true, force: true });
}

async function removeLeftovers() {
  for (const name of await readdir(packageFolder)) {
    if (name.startsWith(temporaryPrefix))
      await rm(join(packageFolder, name), { recursive: true, force: true });
  }
}

/** One multiplication through the whole stack, in the Node that will use it. */
async function checkThatItLoads() {
  const env = withCudaLibraries({ ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' });
  const output = await run(usableNode(), ['-e', smokeTest], {
    cwd: projectRoot,
    env,
    purpose: 'the first use of libtensorflow',
  });
  if (!output.includes('product 11'))
    throw new SetupProblem(`libtensorflow computes wrongly here: ${output.trim()}`);
}

// Node 23 removed two functions that the package still calls; the program itself puts them back in src/ml/runtime.
const smokeTest = `
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = require('@tensorflow/tfjs-node-gpu');
if (tf.getBackend() !== 'tensorflow') throw new Error('backend ' + tf.getBackend());
console.log('product', tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()[0]);
`;

function readFileOrEmpty(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
