import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GRADERS } from './assets/grader-recipes.ts';
import { makeGrader } from './assets/make-grader.ts';
import { makeLogos } from './assets/logos.ts';
import { makeSamples } from './assets/samples.ts';

const HELP = `npm run make:assets [-- options]

Makes what ships with MedLocker, from nothing but this project's sources: logo, sample retinas, demo graders.
Graders are trained in processes of one thread each, all at a time; docs/methods/training.md says what is reproducible.

  --only PART     logos, samples or graders; may be given several times (default: all three)
  --grader NAME   train this grader here, in this process (${Object.keys(GRADERS).join(', ')})
  --out FOLDER    where to write (default: assets)`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    grader: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean' },
  },
});

const parts = ['logos', 'samples', 'graders'];
const wanted = values.only ?? parts;
const wrong = wanted.find((part) => !parts.includes(part));
const out = values.out ?? fileURLToPath(new URL('../assets', import.meta.url));

if (values.help === true) {
  console.log(HELP);
} else if (wrong !== undefined || (values.grader !== undefined && !(values.grader in GRADERS))) {
  console.error(`make-assets: unknown part or grader "${wrong ?? values.grader ?? ''}"\n\n${HELP}`);
  process.exitCode = 2;
} else if (values.grader !== undefined) {
  await makeGrader(values.grader, join(out, 'graders'));
} else {
  if (wanted.includes('logos')) say('logos', await makeLogos(join(out, 'logos')));
  if (wanted.includes('samples')) say('samples', await makeSamples(join(out, 'samples')));
  if (wanted.includes('graders')) await makeGraders();
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
