import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { findFieldOfView, type FieldOfView } from '../src/ml/imaging/field-of-view.ts';
import { parsePipeline } from '../src/ml/imaging/pipelines.ts';
import type { Raster } from '../src/ml/imaging/raster.ts';
import { readImage } from '../src/ml/imaging/read-image.ts';
import { buildForbiddenZone } from '../src/ml/lesions/forbidden-zone.ts';
import { gradCamZone } from '../src/ml/lesions/grad-cam-zone.ts';
import type { ForbiddenZone } from '../src/ml/lesions/zone.ts';
import type { Classifier, ExplainableClassifier } from '../src/ml/models/classifier.ts';
import { answerOf } from '../src/ml/watermark/objective.ts';
import { tf } from '../src/ml/runtime/tensorflow.ts';
import { hashString } from './hash-string.ts';
import type { RealData } from '../test/real-data.ts';

const rowSchema = z.object({
  file: z.string(),
  subset: z.string(),
  patient: z.string(),
  grade: z.coerce.number().int(),
});

export interface ValidationImage {
  readonly file: string;
  readonly grade: number;
  readonly raster: Raster;
}

/**
 * Validation images of the graders, in an order fixed by the hash of their names (so that the first n are a mix of
 * grades and subsets), that every one of `graders` grades correctly.
 */
export async function* cleanCorrect(
  data: RealData,
  graders: readonly Classifier[],
): AsyncGenerator<ValidationImage> {
  const csv = await readFile(join(data.graders, 'validation.csv'), 'utf8');
  const rows = z.array(rowSchema).parse(parse(csv, { columns: true }));
  for (const { file, grade } of rows.sort((a, b) => hashString(a.file) - hashString(b.file))) {
    const { raster } = await readImage(join(data.images, file));
    const answers = await Promise.all(graders.map((grader) => directAnswer(grader, raster)));
    if (answers.every((answer) => answer === grade)) yield { file, grade, raster };
  }
}

/** The forbidden zone of the measurements: outside the field of view and the hottest 15 % of a surrogate's Grad-CAM. */
export async function salientZone(
  surrogate: ExplainableClassifier,
  { raster, grade }: ValidationImage,
): Promise<{ fieldOfView: FieldOfView; zone: ForbiddenZone }> {
  const fieldOfView = findFieldOfView(raster);
  const cam = await gradCamZone(surrogate, raster, grade, { topFraction: 0.15 });
  const { width, height } = raster;
  const zone = buildForbiddenZone({ width, height, fieldOfView, regions: [], sources: [], cam, dilation: 1 });
  return { fieldOfView, zone };
}

async function directAnswer(grader: Classifier, raster: Raster): Promise<number> {
  const { inputWidth: width, inputHeight: height, classes } = grader.spec;
  const input = await parsePipeline('direct').apply(raster, { width, height });
  const x = tf.tensor4d(input.data, [1, height, width, 3]);
  const logits = await grader.logits(x);
  const answer = answerOf(await logits.data(), 0, classes);
  x.dispose();
  logits.dispose();
  return answer;
}
