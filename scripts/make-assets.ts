import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BACKBONES, TRIED_BACKBONES } from './assets/backbone-recipes.ts';
import { GRADERS } from './assets/grader-recipes.ts';
import { makeBackbone } from './assets/make-backbone.ts';
import { makeGrader } from './assets/make-grader.ts';
import { makeLesions } from './assets/make-lesions.ts';
import { makeIcon } from './assets/icon.ts';
import { makeLogos } from './assets/logos.ts';
import { cutNsfwjsTrunk } from './assets/nsfwjs-trunk.ts';
import { makeSamples } from './assets/samples.ts';
import { realData } from '../test/real-data.ts';

const NSFWJS = 'mobilenetv2-nsfwjs';

const HELP = `npm run make:assets [-- options]

Makes what ships with MedLocker, from nothing but this project's sources: logo, sample retinas, demo graders, backbones.
Graders are trained in processes of one thread each, all at a time; docs/methods/training.md says what is reproducible.

  --only PART       logos, samples, graders, backbones or lesions; may be given several times (default: the first three)
  --grader NAME     train this grader here, in this process (${Object.keys(GRADERS).join(', ')})
  --backbone NAME   make this backbone only (${backboneNames().join(', ')})
  --nsfwjs FOLDER   model.json, weights and LICENSE of nsfwjs 4.3.0's MobileNetV2, which ${NSFWJS} is cut from
  --cache FOLDER    where the retinas to pretrain on, or the lesion network's folds, are kept (default: in the system's
                    folder for temporary files)
  --out FOLDER      where to write (default: assets)

Backbones take hours of one processor core (docs/methods/backbones.md). The lesion network takes one hour, and IDRiD's images
in the folder that MEDLOCKER_DATA names (docs/methods/lesion-network.md).`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    grader: { type: 'string' },
    backbone: { type: 'string' },
    nsfwjs: { type: 'string' },
    cache: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean' },
  },
});

const parts = ['logos', 'samples', 'graders', 'backbones', 'lesions'];
const wanted = values.only ?? parts.slice(0, 3);
const wrong =
  wanted.find((part) => !parts.includes(part)) ??
  [values.backbone].find((name) => name !== undefined && !backboneNames().includes(name));
const out = values.out ?? fileURLToPath(new URL('../assets', import.meta.url));

if (values.help === true) {
  console.log(HELP);
} else if (wrong !== undefined || (values.grader !== undefined && !(values.grader in GRADERS))) {
  console.error(`make-assets: unknown part, grader or backbone "${wrong ?? values.grader ?? ''}"\n\n${HELP}`);
  process.exitCode = 2;
} else if (values.grader !== undefined) {
  await makeGrader(values.grader, join(out, 'graders'));
} else {
  if (wanted.includes('logos')) {
    say('logos', await makeLogos(join(out, 'logos')));
    say('icons', await makeIcon(join(out, 'icons')));
  }
  if (wanted.includes('samples')) say('samples', await makeSamples(join(out, 'samples')));
  if (wanted.includes('graders')) await makeGraders();
  if (wanted.includes('backbones')) await makeBackbones(join(out, 'backbones'));
  if (wanted.includes('lesions')) await makeLesionNetwork(join(out, 'lesions'));
}

async function makeLesionNetwork(folder: string): Promise<void> {
  if (realData === null) {
    console.error(
      'make-assets: the lesion network needs real images: set MEDLOCKER_DATA or place them in ../shared',
    );
    process.exitCode = 1;
    return;
  }
  const cache = values.cache ?? join(tmpdir(), 'medlocker-lesions');
  await makeLesions({ data: realData.images, cache, out: folder }, (line) => {
    console.log(`lesions: ${line}`);
  });
}

function backboneNames(): string[] {
  return [NSFWJS, ...Object.keys(BACKBONES), ...Object.keys(TRIED_BACKBONES)];
}

/** One after the other: together they would only wait for each other's memory. */
async function makeBackbones(folder: string): Promise<void> {
  const cache = values.cache ?? join(tmpdir(), 'medlocker-retinas');
  for (const name of backboneNames()) {
    if (values.backbone === undefined ? name in TRIED_BACKBONES : values.backbone !== name) continue;
    if (name !== NSFWJS) say(name, await makeBackbone(name, folder, cache));
    else if (values.nsfwjs !== undefined) say(name, await cutNsfwjsTrunk(values.nsfwjs, join(folder, name)));
    else console.error(`make-assets: ${name} left as it is, for its source has to be named with --nsfwjs`);
  }
}

function say(part: string, files: readonly string[]): void {
  console.log(`${part}: ${files.length} files`);
}

/** One process a grader: libtensorflow is kept to one thread in each, and the cores are shared all the same. */
async function makeGraders(): Promise<void> {
  const codes = await Promise.all(Object.keys(GRADERS).map((name) => trainInChild(name)));
  const failed = codes.filter((code) => code !== 0).length;
  if (failed > 0) {
    console.error(`make-assets: ${failed} of ${codes.length} graders failed`);
    process.exitCode = 1;
  }
}

function trainInChild(name: string): Promise<number> {
  const script = fileURLToPath(import.meta.url);
  const env = { ...process.env, TF_NUM_INTRAOP_THREADS: '1', OMP_NUM_THREADS: '1' };
  const child = spawn(process.execPath, [script, '--grader', name, '--out', out], { stdio: 'inherit', env });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}
