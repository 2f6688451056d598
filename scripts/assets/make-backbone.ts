import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { architectures } from '../../src/ml/models/architectures/architectures.ts';
import { writeBackbone } from '../../src/ml/models/backbones/write-backbone.ts';
import { pretrain } from '../../src/ml/models/pretraining/pretrain.ts';
import { openRetinaPack, paintRetinaPack } from '../../src/ml/models/pretraining/retina-pack.ts';
import { startTensorFlow } from '../../src/ml/runtime/tensorflow.ts';
import { BACKBONES, TRIED_BACKBONES } from './backbone-recipes.ts';

const EVERY = 50;

/**
 * Pretrains one backbone and writes model.json, weights.bin.gz and card.json into `folder`/NAME. The painted retinas
 * (about 80 kB each) are kept in `cache`, where an interrupted painting goes on. One thread, as for the demo graders.
 */
export async function makeBackbone(name: string, folder: string, cache: string): Promise<readonly string[]> {
  const recipe = { ...BACKBONES, ...TRIED_BACKBONES }[name];
  if (recipe === undefined) throw new RangeError(`no recipe for a backbone named ${name}`);
  const say = (line: string): void => {
    console.log(`${name}: ${line}`);
  };
  const runtime = await startTensorFlow({ threads: 1 });
  await mkdir(cache, { recursive: true });
  const { firstSeed, count } = recipe.retinas;
  const path = join(cache, `retinas-${recipe.side}-${firstSeed}-${count}.bin`);
  await paintRetinaPack(path, { side: recipe.side, firstSeed, count }, (done) => {
    if (done % 500 === 0) say(`${done} of ${count} retinas painted`);
  });
  const pack = await openRetinaPack(path);
  const { architecture, side: inputSize, seed } = recipe;
  const grader = architectures[architecture]({ inputSize, classes: 5, seed });
  const started = performance.now();
  for (const [index, stage] of recipe.stages.entries()) {
    await pretrain(grader, pack, stage, {
      every: EVERY,
      onReport: ({ step, grade, focal, dice, accuracy }) => {
        const minutes = ((performance.now() - started) / 60_000).toFixed(1);
        const losses = `losses ${grade.toFixed(3)}, ${focal.toFixed(3)}, ${dice.toFixed(3)}`;
        say(`stage ${index + 1}, step ${step}: ${losses}, accuracy ${accuracy.toFixed(3)}; ${minutes} min`);
      },
    });
  }
  await pack.close();
  const out = join(folder, name);
  await writeBackbone(grader, out, recipe.levels);
  const hash = createHash('sha256');
  for (const file of ['model.json', 'weights.bin.gz']) hash.update(await readFile(join(out, file)));
  const card = {
    name,
    architecture,
    ancestry: 'synthetic retinas of this project, from random weights',
    licence: 'MIT',
    credit: 'MedLocker',
    purpose: 'Start for training a grader on own images; grades nothing by itself.',
    input: 'RGB in [0, 1], square of a multiple of 32',
    madeBy: `npm run make:assets -- --only backbones; tensorflow.js ${runtime.version}, libtensorflow ${runtime.libtensorflow}, 1 thread`,
    recipe,
    sha256: hash.digest('hex'),
  };
  await writeFile(join(out, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
  return ['model.json', 'weights.bin.gz', 'card.json'];
}
