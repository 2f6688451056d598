import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { exportLesionNetwork } from '../../src/ml/lesions/network/export-lesion-network.ts';
import { lesionNetwork } from '../../src/ml/lesions/network/lesion-network.ts';
import { lesionSample, type LesionSample } from '../../src/ml/lesions/network/training/lesion-sample.ts';
import {
  trainLesionNetwork,
  type LesionTrainingSettings,
} from '../../src/ml/lesions/network/training/train-lesion-network.ts';
import { variablesOf } from '../../src/ml/models/training/model-variables.ts';
import { startTensorFlow, tf } from '../../src/ml/runtime/tensorflow.ts';
import { idridPhotographs, inventedPhotographs } from './lesion-data.ts';

export const folds = 5;
const seed = 2029;
const invented = { count: 18, size: 840 };

const common = { seed, patchesPerStep: 4, patchSide: 192, warmupSteps: 40, averageDecay: 0.99 } as const;
/** First on synthetic retinas alone, once for all folds; then on photographs with a tenth of synthetic patches. */
const ancestor: LesionTrainingSettings = { ...common, steps: 400, learningRate: 3e-3 };
const descent: LesionTrainingSettings = { ...common, steps: 800, learningRate: 3e-3 };
const inventedShare = 0.1;

/**
 * Trains the lesion network on the IDRiD images under `data`: five folds by image, whose weights go to `cache` and are not trained
 * again when they lie there, and the network that ships, from all images.
 */
export async function makeLesions(data: string, cache: string, say: (line: string) => void): Promise<void> {
  await startTensorFlow({ threads: 1 });
  await mkdir(cache, { recursive: true });
  const real = (await idridPhotographs(data)).map(lesionSample);
  say(`${real.length} photographs`);
  const painted: LesionSample[] = [];
  for (const photograph of inventedPhotographs(invented.count, seed, invented.size)) painted.push(lesionSample(photograph));
  say(`${painted.length} synthetic retinas`);

  const first = join(cache, 'ancestor.weights');
  if (!existsSync(first)) {
    const network = lesionNetwork(seed);
    await trainLesionNetwork(network, { real: [], invented: painted, inventedShare: 1 }, ancestor, report('ancestor', say));
    await writeFile(first, packWeights(network));
  }
  for (const fold of [0, 'all', 1, 2, 3, 4] as const) {
    const path = join(cache, `fold-${fold}.onnx`);
    if (existsSync(path)) continue;
    const network = lesionNetwork(seed);
    unpackWeights(network, await readFile(first));
    const training = real.filter((_, i) => fold === 'all' || i % folds !== fold);
    await trainLesionNetwork(network, { real: training, invented: painted, inventedShare }, descent, report(`fold ${fold}`, say));
    await writeFile(join(cache, `fold-${fold}.weights`), packWeights(network));
    await writeFile(path, exportLesionNetwork(network));
    network.dispose();
  }
}

function report(name: string, say: (line: string) => void) {
  return {
    every: 50,
    onReport: ({ step, loss, secondsPerStep }: { step: number; loss: number; secondsPerStep: number }) =>
      say(`${name}: step ${step}, loss ${loss.toFixed(4)}, ${secondsPerStep.toFixed(2)} s a step`),
  };
}

function packWeights(network: LayersModel): Uint8Array {
  return Buffer.concat(
    variablesOf(network.weights).map((variable) => {
      const values = variable.dataSync<'float32'>();
      return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    }),
  );
}

function unpackWeights(network: LayersModel, bytes: Uint8Array): void {
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  let place = 0;
  tf.tidy(() => {
    for (const variable of variablesOf(network.weights)) {
      variable.assign(tf.tensor(values.subarray(place, place + variable.size).slice(), variable.shape));
      place += variable.size;
    }
  });
}
