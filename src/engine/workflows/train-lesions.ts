import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exportLesionNetwork } from '../../ml/lesions/network/export-lesion-network.ts';
import type { LesionCard } from '../../ml/lesions/network/lesion-card.ts';
import { networkClasses, type NetworkClass } from '../../ml/lesions/network/lesion-classes.ts';
import { lesionNetwork } from '../../ml/lesions/network/lesion-network.ts';
import {
  averagePrecisions,
  bestThreshold,
  mapScores,
  pooledScores,
} from '../../ml/lesions/network/map-scores.ts';
import { openLesionNetwork } from '../../ml/lesions/network/open-lesion-network.ts';
import { withoutClasses } from '../../ml/lesions/network/training/lesion-sample.ts';
import { packVariables, unpackVariables } from '../../ml/lesions/network/training/network-weights.ts';
import {
  trainLesionNetwork,
  type LesionTrainingSettings,
} from '../../ml/lesions/network/training/train-lesion-network.ts';
import { variablesOf } from '../../ml/models/training/model-variables.ts';
import { startTensorFlow } from '../../ml/runtime/tensorflow.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { hashBytes } from '../jobs/content-hash.ts';
import { acquireLock } from '../jobs/job-lock.ts';
import { resolveJobPaths } from '../jobs/source-paths.ts';
import { bundledLesionNetwork } from './bundled-lesion-network.ts';
import { readLesionRun, writeLesionRun } from './lesion-run-state.ts';
import { type MarkedFile, readMarkedFiles, type UnusableFile } from './marked-files.ts';
import { readStartingWeights } from './starting-weights.ts';

export interface TrainLesionsRequest {
  readonly source: string;
  /** Folder or file of masks: PNG named IMAGE_CLASS.png, or COCO outlines. */
  readonly masks: string;
  readonly out: string;
  readonly steps: number;
  readonly seed: number;
  readonly threads: number;
  readonly learningRate: number;
  /** A .weights file, `bundled` for the network that comes with the program, or `none` for random weights. */
  readonly init: string;
}

export interface LesionTrainingProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly secondsPerStep: number;
}

export interface TrainLesionsResult {
  readonly network: string;
  readonly card: string;
  readonly images: number;
  readonly heldOut: number;
  /** Images that could not be used. */
  readonly failures: readonly UnusableFile[];
  /** Area under the precision-recall curve on the held-out images; null where they do not show a class. */
  readonly precision: Readonly<Record<NetworkClass, number | null>>;
  readonly notes: readonly string[];
}

/** Every fifth image is held out, once there are enough to spare one. */
const heldOutEvery = 5;
/** Zone thresholds lie this far below the thresholds at which outlines fit best: keeping clear wants recall. */
const zoneShare = 0.25;
const writer = 'train-lesions';

/**
 * Trains the lesion network on the user's own photographs and masks, and writes network, weights and card. A run that was stopped goes on
 * from its last state when the same command is started again.
 * @throws Failure for what concerns the whole run: folders, masks, no usable image, a loss that is not finite
 */
export async function trainLesions(
  request: TrainLesionsRequest,
  context: {
    readonly say: (line: string) => void;
    readonly onProgress: (progress: LesionTrainingProgress) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<TrainLesionsResult> {
  const { signal } = context;
  const paths = await resolveJobPaths(request.source, request.out);
  await mkdir(paths.out, { recursive: true });
  const lock = await acquireLock(join(paths.out, '.train-lesions.lock'));
  try {
    const runtime = await startTensorFlow({ threads: request.threads });
    const { marked, failures } = await readMarkedFiles(request, paths, signal);
    const unknown = networkClasses.filter((name) => !marked.some(({ shown }) => shown.has(name)));
    const notes = unknown.map(
      (name) => `no mask shows ${name}: the network does not learn it and answers as before`,
    );
    for (const note of notes) context.say(note);
    const heldOut = marked.length < heldOutEvery ? [] : marked.filter((_, i) => i % heldOutEvery === 0);
    const training = marked.filter((file) => !heldOut.includes(file));
    const samples = training.map(({ sample }) => withoutClasses(sample, unknown));
    context.say(
      `${training.length} images to learn from, ${heldOut.length} held out; ${runtime.device}, ${runtime.threads} threads`,
    );

    const network = lesionNetwork(request.seed);
    const start = await readStartingWeights(request.init);
    if (start !== null) unpackVariables(variablesOf(network.weights), start.bytes, start.path);
    const settings = settingsOf(request);
    const identity = hashBytes(
      JSON.stringify([
        settings,
        start === null ? null : hashBytes(start.bytes),
        training.map(({ name }) => name),
      ]),
    );
    const resume = await readLesionRun(paths.out, identity, context.say);
    if (resume !== null) context.say(`going on after step ${resume.step}`);
    await trainLesionNetwork(network, { real: samples, invented: [], inventedShare: 0 }, settings, {
      every: Math.max(1, Math.min(50, Math.floor(request.steps / 4))),
      onReport: (report) => context.onProgress({ ...report, steps: request.steps }),
      onState: (state) => writeLesionRun(paths.out, identity, state, writer),
      ...(resume === null ? {} : { resume }),
      signal,
    });

    const path = join(paths.out, 'lesion-network.onnx');
    const bytes = exportLesionNetwork(network);
    await writeAtomically(path, bytes, writer);
    await writeAtomically(
      join(paths.out, 'lesion-network.weights'),
      packVariables(variablesOf(network.weights)),
      writer,
    );
    const measured = await measure(path, heldOut.length > 0 ? heldOut : training, request.threads);
    const cardPath = join(paths.out, 'lesion-network.card.json');
    const card = {
      name: 'lesion-network',
      thresholds: measured.thresholds,
      sha256: hashBytes(bytes),
      madeBy: `medlocker train-lesions; tensorflow.js ${runtime.version}, libtensorflow ${runtime.libtensorflow}, ${runtime.device}, ${runtime.threads} threads`,
      settings,
      start: start === null ? 'random weights' : hashBytes(start.bytes),
      trainedOn: training.map(({ name }) => name),
      heldOut: heldOut.map(({ name }) => name),
      averagePrecision: heldOut.length > 0 ? measured.precision : null,
      notLearnt: unknown,
      notes:
        heldOut.length > 0
          ? notes
          : [...notes, 'Too few images to hold any out: thresholds come from the training images.'],
    };
    await writeAtomically(cardPath, `${JSON.stringify(card, null, 2)}\n`, writer);
    return {
      network: path,
      card: cardPath,
      images: training.length,
      heldOut: heldOut.length,
      failures,
      precision: measured.precision,
      notes,
    };
  } finally {
    await lock.release();
  }
}

function settingsOf({ steps, seed, learningRate }: TrainLesionsRequest): LesionTrainingSettings {
  return {
    seed,
    steps,
    learningRate,
    patchesPerStep: 4,
    patchSide: 192,
    warmupSteps: Math.min(40, Math.ceil(steps / 10)),
    averageDecay: 0.99,
  };
}

async function measure(
  path: string,
  files: readonly MarkedFile[],
  threads: number,
): Promise<{ precision: Record<NetworkClass, number | null>; thresholds: LesionCard['thresholds'] }> {
  const usual = await openLesionNetwork(bundledLesionNetwork, threads);
  const { thresholds } = usual.card;
  await usual.release();
  const finder = await openLesionNetwork(path, threads, { thresholds });
  try {
    const all = [];
    for (const file of files) {
      const { image, fieldOfView, masks, ignore } = await file.photograph();
      all.push(mapScores(await finder.find(image, fieldOfView), masks, fieldOfView, ignore));
    }
    const pool = pooledScores(all);
    const mark = { ...thresholds.mark };
    const zone = { ...thresholds.zone };
    for (const name of networkClasses) {
      const best = bestThreshold(pool[name]);
      if (best === null) continue;
      mark[name] = best;
      zone[name] = Math.max(0.001, Math.min(zone[name], Math.round(1000 * zoneShare * best) / 1000));
    }
    return { precision: averagePrecisions(pool), thresholds: { mark, zone } };
  } finally {
    await finder.release();
  }
}
