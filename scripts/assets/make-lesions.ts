import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportLesionNetwork } from '../../src/ml/lesions/network/export-lesion-network.ts';
import type { LesionCard } from '../../src/ml/lesions/network/lesion-card.ts';
import { networkClasses } from '../../src/ml/lesions/network/lesion-classes.ts';
import { lesionNetwork } from '../../src/ml/lesions/network/lesion-network.ts';
import { averagePrecisions, bestThreshold, mapScores, pooledScores } from '../../src/ml/lesions/network/map-scores.ts';
import { openLesionNetwork } from '../../src/ml/lesions/network/open-lesion-network.ts';
import { lesionFolds, lesionRecipe } from '../../src/ml/lesions/network/training/lesion-recipe.ts';
import { lesionSample, type MarkedPhotograph } from '../../src/ml/lesions/network/training/lesion-sample.ts';
import { packVariables, unpackVariables } from '../../src/ml/lesions/network/training/network-weights.ts';
import { trainLesionNetwork } from '../../src/ml/lesions/network/training/train-lesion-network.ts';
import { variablesOf } from '../../src/ml/models/training/model-variables.ts';
import { startTensorFlow } from '../../src/ml/runtime/tensorflow.ts';
import { idridPhotographs, inventedPhotographs } from './lesion-data.ts';

/** Chosen by hand on the images of folds 0 to 2 (docs/methods/lesion-network.md), hence not remade here. */
const zoneThresholds: LesionCard['thresholds']['zone'] = { MA: 0.12, HE: 0.05, EX: 0.02, SE: 0.05, OD: 0.3 };

/**
 * Trains the lesion network on the IDRiD images under `data` and writes it into `out`: five folds by image, whose networks go to `cache`
 * and are not trained again when they lie there, and the network that ships, from all images. One thread, about an hour.
 */
export async function makeLesions(
  { data, cache, out }: { data: string; cache: string; out: string },
  say: (line: string) => void,
): Promise<void> {
  const photographs = await idridPhotographs(data);
  say(`${photographs.length} photographs`);
  await trainMissing(photographs, cache, say);
  const scores = await outOfFold(photographs, cache);
  const pool = pooledScores(scores);
  const mark = { ...zoneThresholds };
  for (const name of networkClasses) mark[name] = bestThreshold(pool[name]) ?? 0.5;
  await mkdir(out, { recursive: true });
  const network = await readFile(join(cache, 'fold-all.onnx'));
  await writeFile(join(out, 'lesion-network.onnx'), network);
  await writeFile(join(out, 'lesion-network.weights'), await readFile(join(cache, 'fold-all.weights')));
  const card = {
    name: 'lesion-network',
    purpose: 'Keeps marks away from lesions. Not a medical device: it proposes regions for people to check and diagnoses nothing.',
    thresholds: { mark, zone: zoneThresholds },
    data: `IDRiD segmentation set (P. Porwal et al., Data 3(3):25, 2018, doi 10.21227/H25W98), CC BY 4.0; ${photographs.length} images, changed: rescaled to 1024 px, masks split by class. Synthetic retinas of this project.`,
    images: photographs.map(({ name }) => name),
    licence: 'MIT for the program; these weights may be passed on under CC BY 4.0 with the credit above.',
    recipe: lesionRecipe,
    outOfFoldAveragePrecision: averagePrecisions(pool),
    intervals: 'docs/methods/lesion-network.md',
    sha256: createHash('sha256').update(network).digest('hex'),
  };
  await writeFile(join(out, 'lesion-network.card.json'), `${JSON.stringify(card, null, 2)}\n`);
  say(`written; hash ${card.sha256.slice(0, 16)}`);
}

/** The scores of every image by the network of its own fold; images with a burned-in contour stand apart, as their disc does. */
async function outOfFold(photographs: readonly MarkedPhotograph[], cache: string) {
  const scores = [];
  for (let fold = 0; fold < lesionFolds; fold++) {
    const card = { thresholds: { mark: zoneThresholds, zone: zoneThresholds } };
    const finder = await openLesionNetwork(join(cache, `fold-${fold}.onnx`), 1, card);
    for (const { image, fieldOfView, masks, ignore } of photographs.filter((_, i) => i % lesionFolds === fold)) {
      if (ignore !== undefined) continue;
      scores.push(mapScores(await finder.find(image, fieldOfView), masks, fieldOfView));
    }
    await finder.release();
  }
  return scores;
}

async function trainMissing(
  photographs: readonly MarkedPhotograph[],
  cache: string,
  say: (line: string) => void,
): Promise<void> {
  const wanted = ([...Array(lesionFolds).keys(), 'all'] as const).filter(
    (fold) => !existsSync(join(cache, `fold-${fold}.onnx`)),
  );
  if (wanted.length === 0) return;
  await startTensorFlow({ threads: 1 });
  await mkdir(cache, { recursive: true });
  const { seed, invented, inventedShare, ancestor, descent } = lesionRecipe;
  const real = photographs.map(lesionSample);
  const painted = [...inventedPhotographs(invented.count, seed, invented.size)].map(lesionSample);
  say(`${painted.length} synthetic retinas`);
  const first = join(cache, 'ancestor.weights');
  if (!existsSync(first)) {
    const network = lesionNetwork(seed);
    const sources = { real: [], invented: painted, inventedShare: 1 };
    await trainLesionNetwork(network, sources, ancestor, reporting('ancestor', say));
    await writeFile(first, packVariables(variablesOf(network.weights)));
    network.dispose();
  }
  for (const fold of wanted) {
    const network = lesionNetwork(seed);
    unpackVariables(variablesOf(network.weights), await readFile(first), first);
    const training = real.filter((_, i) => i % lesionFolds !== fold);
    const sources = { real: training, invented: painted, inventedShare };
    await trainLesionNetwork(network, sources, descent, reporting(`fold ${fold}`, say));
    await writeFile(join(cache, `fold-${fold}.weights`), packVariables(variablesOf(network.weights)));
    await writeFile(join(cache, `fold-${fold}.onnx`), exportLesionNetwork(network));
    network.dispose();
  }
}

function reporting(name: string, say: (line: string) => void) {
  return {
    every: 50,
    onReport: ({ step, loss, secondsPerStep }: { step: number; loss: number; secondsPerStep: number }) => {
      say(`${name}: step ${step}, loss ${loss.toFixed(4)}, ${secondsPerStep.toFixed(2)} s a step`);
    },
  };
}
