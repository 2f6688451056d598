import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { areaUnderRoc } from '../../src/ml/evaluation/auc.ts';
import { confusionMatrix, quadraticWeightedKappa } from '../../src/ml/evaluation/classification.ts';
import { referableScore } from '../../src/ml/evaluation/grading-quality.ts';
import { rate } from '../../src/ml/evaluation/statistics.ts';
import { architectures } from '../../src/ml/models/architectures/architectures.ts';
import { exportOnnx } from '../../src/ml/models/export-onnx.ts';
import { openOnnxClassifier } from '../../src/ml/models/onnx-classifier.ts';
import type { LabelledImages } from '../../src/ml/models/training/labelled-images.ts';
import { syntheticRetinas } from '../../src/ml/models/training/synthetic-retinas.ts';
import { train, type EpochReport } from '../../src/ml/models/training/train.ts';
import { startTensorFlow } from '../../src/ml/runtime/tensorflow.ts';
import { logitsOf } from './logits-of.ts';
import {
  GRADERS,
  HELD_OUT,
  HELD_OUT_SIZE,
  HELD_OUT_UNSEEN_SIZE,
  INPUT_SIDE,
  RENDER_SIZES,
  VALIDATION,
  type ImageSet,
} from './grader-recipes.ts';

const CLASSES = 5;

/**
 * Trains one bundled grader and writes NAME.onnx and NAME.card.json into `folder`. One thread only: sums then run in
 * one order, and the same machine kind writes the same bytes again.
 */
export async function makeGrader(name: string, folder: string): Promise<void> {
  if (!(name in GRADERS)) throw new RangeError(`no recipe for a grader named ${name}`);
  const recipe = GRADERS[name];
  const say = (line: string): void => {
    console.log(`${name}: ${line}`);
  };
  const runtime = await startTensorFlow({ threads: 1 });
  const training = await paint(recipe.training, RENDER_SIZES, say);
  const validation = await paint(VALIDATION, [HELD_OUT_SIZE], say);

  const model = architectures[recipe.architecture]({
    inputSize: INPUT_SIDE,
    classes: CLASSES,
    seed: recipe.seed,
  });
  const onEpoch = (report: EpochReport): void => {
    say(epochLine(report, recipe.settings.epochs));
  };
  await train(model, training, validation, recipe.settings, { onEpoch });

  const bytes = exportOnnx(model);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.onnx`);
  await writeFile(path, bytes);
  const heldOut = await paint(HELD_OUT, [HELD_OUT_SIZE], say);
  const card = {
    name,
    role: recipe.role,
    architecture: recipe.architecture,
    weights: model.countParams(),
    input: `image, float32 [batch, 3, ${INPUT_SIDE}, ${INPUT_SIDE}], RGB in [0, 1], whole picture squeezed by antialiased bilinear`,
    output: 'logits, float32 [batch, 5], grades 0..4 of the international DR scale',
    purpose: 'Demonstration. Trained on invented retinas only; says nothing about real eyes.',
    licence: 'MIT',
    madeBy: `npm run make:assets; tensorflow.js ${runtime.version}, libtensorflow ${runtime.libtensorflow}, 1 thread`,
    recipe: { ...recipe, renderSizes: RENDER_SIZES },
    largestLogitDifference: await compareEngines(model, path, heldOut),
    heldOut: { ...HELD_OUT, renderSize: HELD_OUT_SIZE, ...(await measure(path, heldOut)) },
    heldOutUnseenSize: {
      ...HELD_OUT_UNSEEN_SIZE,
      ...(await measure(path, await paint(HELD_OUT_UNSEEN_SIZE, [HELD_OUT_UNSEEN_SIZE.renderSize], say))),
    },
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  await writeFile(join(folder, `${name}.card.json`), `${JSON.stringify(card, null, 2)}\n`);
  say(`held-out accuracy ${card.heldOut.accuracy.rate?.toFixed(3) ?? '-'} (n ${HELD_OUT.count})`);
}

function paint(set: ImageSet, renderSizes: readonly number[], say: (line: string) => void): Promise<LabelledImages> {
  return syntheticRetinas({
    ...set,
    renderSizes,
    side: INPUT_SIDE,
    onProgress: (done) => {
      if (done % 250 === 0) say(`${done} of ${set.count} retinas painted at ${renderSizes.join(' and ')} px`);
    },
  });
}

function epochLine({ epoch, loss, accuracy, validation, seconds }: EpochReport, epochs: number): string {
  const watched = `watched images: accuracy ${validation.accuracy.toFixed(3)}, kappa ${validation.kappa.toFixed(3)}`;
  return `epoch ${epoch}/${epochs}, loss ${loss.toFixed(3)}, accuracy ${accuracy.toFixed(3)}; ${watched}; ${seconds.toFixed(0)} s`;
}

/** The written file on images nobody trained or chose on. */
async function measure(path: string, images: LabelledImages) {
  const grader = await openOnnxClassifier(path, { threads: 1 });
  const logits = await logitsOf(grader, images);
  grader.dispose();
  const answers = logits.map((row) => row.indexOf(Math.max(...row)));
  const labels = Array.from(images.labels);
  const matrix = confusionMatrix(labels, answers, CLASSES);
  const correct = answers.filter((answer, index) => answer === labels[index]).length;
  const referable = areaUnderRoc(
    logits.map(referableScore),
    labels.map((label) => label >= 2),
  );
  return {
    accuracy: rate(correct, images.count),
    quadraticKappa: quadraticWeightedKappa(matrix),
    referableAuc: referable?.auc ?? null,
    /** Rows: true grade; columns: answered grade. */
    confusion: Array.from({ length: CLASSES }, (_, row) =>
      Array.from(matrix.counts.subarray(row * CLASSES, (row + 1) * CLASSES)),
    ),
  };
}

/** Largest difference of any logit between TensorFlow's model and the written file. */
async function compareEngines(model: LayersModel, path: string, images: LabelledImages): Promise<number> {
  const grader = await openOnnxClassifier(path, { threads: 1 });
  const run = { logits: (x: Parameters<typeof grader.logits>[0]) => Promise.resolve(model.predict(x) as never) };
  const [written, trained] = [await logitsOf(grader, images), await logitsOf(run, images)];
  grader.dispose();
  return Math.max(...written.flatMap((row, i) => row.map((value, k) => Math.abs(value - trained[i][k]))));
}
