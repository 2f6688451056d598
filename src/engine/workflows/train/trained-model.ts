import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { exportOnnx } from '../../../ml/models/export-onnx.ts';
import { openOnnxClassifier } from '../../../ml/models/onnx-classifier.ts';
import type { GradingScore } from '../../../ml/models/training/evaluate.ts';
import type { LabelledImages } from '../../../ml/models/training/labelled-images.ts';
import { writeTfjsModel } from '../../../ml/models/tfjs-writer.ts';
import { tf } from '../../../ml/runtime/tensorflow.ts';
import { Failure } from '../../../shared/failure.ts';
import { type ModelCard, modelCardSchema } from '../../../shared/train-job.ts';
import { notWritable, writeAtomically } from '../../jobs/atomic-write.ts';
import { cardText } from './card-text.ts';
import { hashBytes } from '../../jobs/content-hash.ts';

/** Images the written ONNX file is compared on. */
const COMPARED = 8;
/** Asked of an export; PyTorch's own exporter is held to the same. */
const TOLERANCE = 1e-4;

/**
 * Writes model/model.json, NAME.onnx, NAME.card.md and NAME.card.json, which comes last: where it lies, all is whole.
 * @throws Failure output-not-writable; model-unsupported where ONNX Runtime answers otherwise than the model
 */
export async function writeTrainedModel(
  model: LayersModel,
  validation: LabelledImages,
  score: GradingScore,
  { folder, card }: { folder: string; card: Omit<ModelCard, 'onnx'> },
): Promise<{ card: ModelCard; onnx: string; model: string }> {
  const target = join(folder, 'model');
  const fresh = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    await removeUnfinished(folder);
    await writeTfjsModel(model, fresh);
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
    throw notWritable(target, error);
  }
  const bytes = exportOnnx(model);
  const onnx = join(folder, `${card.name}.onnx`);
  await writeAtomically(onnx, bytes);
  const largestLogitDifference = await compare(onnx, validation, score);
  const whole = modelCardSchema.parse({
    ...card,
    onnx: { file: `${card.name}.onnx`, sha256: hashBytes(bytes), largestLogitDifference },
  });
  await writeAtomically(join(folder, `${card.name}.card.md`), cardText(whole));
  await writeAtomically(join(folder, `${card.name}.card.json`), `${JSON.stringify(whole, null, 2)}\n`);
  return { card: whole, onnx, model: join(target, 'model.json') };
}

/** Folders that a killed run was writing a model into. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^model\.[0-9a-f]{12}$/.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Largest difference, relative to the largest logit, between the written file and the model on a few images. */
async function compare(path: string, images: LabelledImages, score: GradingScore): Promise<number> {
  const grader = await openOnnxClassifier(path, { threads: 1 });
  let largest = 0;
  try {
    for (let index = 0; index < Math.min(COMPARED, images.count); index++) {
      const pixels = Float32Array.from(await images.pixels(index), (value) => value / 255);
      const x = tf.tensor4d(pixels, [1, images.side, images.side, 3]);
      const logits = await grader.logits(x);
      const found = await logits.data();
      tf.dispose([x, logits]);
      const scale = Math.max(1, ...score.logits[index].map(Math.abs));
      score.logits[index].forEach(
        (value, k) => (largest = Math.max(largest, Math.abs(found[k] - value) / scale)),
      );
    }
  } finally {
    grader.dispose();
  }
  if (!(largest < TOLERANCE)) {
    throw new Failure(
      'model-unsupported',
      `${path}: ONNX Runtime's logits differ by ${largest} from the model's`,
      {
        subject: path,
        hint: 'Use model/model.json, and report this with the architecture.',
      },
    );
  }
  return largest;
}
