import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExplainableClassifier } from '../src/ml/models/classifier.ts';
import { openOnnxClassifier } from '../src/ml/models/onnx-classifier.ts';
import { modelCardSchema } from '../src/shared/train-job.ts';
import type { RealData } from '../test/real-data.ts';

/** A grader with the weights its training began with: graders of one ancestry are easier to fool with one another. */
export interface GraderAtHand {
  readonly classifier: ExplainableClassifier;
  readonly ancestry: string;
}

/** Both reference graders stand on the first layers of one MobileNetV2 (their README). */
const REFERENCES = ['mobilenetv2_a', 'hybridvgg_b'];
const REFERENCE_ANCESTRY = 'mobilenetv2-nsfwjs';

/**
 * The reference graders and, from the folder that MEDLOCKER_BENCH_GRADERS names, every NAME.onnx with its NAME.card.json
 * (as `medlocker train` writes them, on images outside validation.csv); the card tells the ancestry.
 */
export async function gradersAtHand(data: RealData, threads: number): Promise<GraderAtHand[]> {
  const graders: GraderAtHand[] = [];
  for (const name of REFERENCES) {
    const classifier = await openOnnxClassifier(join(data.graders, `${name}.onnx`), { threads });
    graders.push({ classifier, ancestry: REFERENCE_ANCESTRY });
  }
  const folder = process.env.MEDLOCKER_BENCH_GRADERS;
  if (folder === undefined) return graders;
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.onnx')).sort()) {
    const card = join(folder, name.replace(/\.onnx$/, '.card.json'));
    const init = existsSync(card)
      ? modelCardSchema.parse(JSON.parse(await readFile(card, 'utf8'))).init
      : null;
    const classifier = await openOnnxClassifier(join(folder, name), { threads });
    graders.push({ classifier, ancestry: init ?? name });
  }
  return graders;
}
