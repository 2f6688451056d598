import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { areaUnderRoc, type Auc } from '../src/ml/evaluation/auc.ts';
import { referableScore } from '../src/ml/evaluation/grading-quality.ts';
import { planResample, resample } from '../src/ml/imaging/resample.ts';
import { readImage } from '../src/ml/imaging/read-image.ts';
import { toRgbFloat } from '../src/ml/imaging/to-rgb.ts';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { NO_AUGMENTATION } from '../src/ml/models/training/augmentation.ts';
import { batches } from '../src/ml/models/training/batches.ts';
import { imagesInMemory, type LabelledImages } from '../src/ml/models/training/labelled-images.ts';
import { tf } from '../src/ml/runtime/tensorflow.ts';
import type { RealData } from '../test/real-data.ts';

export const SUBSETS = ['eyepacs400', 'eyepacs256n'] as const;
export type Subset = (typeof SUBSETS)[number];

/** Graded photographs at one size, with the subset of each. */
export interface SubsetImages {
  readonly images: LabelledImages;
  readonly subsets: readonly Subset[];
}

const validationSchema = z.array(z.object({ file: z.string(), patient: z.string() }));
const manifestSchema = z.array(z.object({ file: z.string(), grade: z.string(), patient: z.string() }));

/**
 * The two graded subsets squeezed to `side` (antialiased bilinear), divided as the reference graders' validation.csv says: its images
 * for validation, all others for training. @throws Error when a patient is on both sides
 */
export async function readDevImages(
  data: RealData,
  side: number,
): Promise<{ training: SubsetImages; validation: SubsetImages }> {
  const rows = async (path: string): Promise<unknown> =>
    parse(await readFile(path, 'utf8'), { columns: true });
  const held = validationSchema.parse(await rows(join(data.graders, 'validation.csv')));
  const graded = manifestSchema
    .parse(await rows(join(data.images, 'manifest.csv')))
    .flatMap(({ file, grade, patient }) => {
      const subset = SUBSETS.find((name) => file.startsWith(`${name}/`));
      return subset === undefined || grade === '' ? [] : [{ file, grade: Number(grade), patient, subset }];
    });
  const files = new Set(held.map(({ file }) => file));
  const patients = new Set(held.map(({ patient }) => patient));
  const validation = graded.filter(({ file }) => files.has(file));
  const training = graded.filter(({ file }) => !files.has(file));
  const shared = training.find(({ patient }) => patients.has(patient));
  if (shared !== undefined) throw new Error(`patient ${shared.patient} is on both sides of the split`);
  return { training: await readAll(training), validation: await readAll(validation) };

  async function readAll(chosen: typeof graded): Promise<SubsetImages> {
    const size = side * side * 3;
    const pixels = new Uint8Array(chosen.length * size);
    for (const [index, { file }] of chosen.entries()) {
      const { raster } = await readImage(join(data.images, file));
      const plan = planResample(raster.width, raster.height, side, side, 'bilinear');
      const small = resample(plan, toRgbFloat(raster)).data;
      for (let i = 0; i < size; i++) pixels[index * size + i] = Math.round(small[i] * 255);
    }
    const images = imagesInMemory(
      side,
      5,
      chosen.map(({ grade }) => grade),
      pixels,
    );
    return { images, subsets: chosen.map(({ subset }) => subset) };
  }
}

/** Referable AUC (softmax sum of grades 2..4) of each subset; the subsets have other class mixes, so they are never pooled. */
export async function referableAucs(
  model: LayersModel,
  { images, subsets }: SubsetImages,
): Promise<Readonly<Record<Subset, Auc>>> {
  const scores: number[] = [];
  const order = Array.from({ length: images.count }, (_, index) => index);
  const options = { batchSize: 32, augmentation: NO_AUGMENTATION, seed: 0, wholeOnly: false };
  for await (const { pixels, labels } of batches(images, order, options)) {
    const logits = tf.tidy(() => {
      const x = tf.tensor4d(pixels, [labels.length, images.side, images.side, 3]);
      return model.apply(x, { training: false }) as Tensor2D;
    });
    scores.push(...logits.arraySync().map(referableScore));
    logits.dispose();
  }
  const of = (subset: Subset): Auc => {
    const members = order.filter((index) => subsets[index] === subset);
    const auc = areaUnderRoc(
      members.map((index) => scores[index] ?? 0),
      members.map((index) => (images.labels[index] ?? 0) >= 2),
    );
    if (auc === null) throw new Error(`${subset} has one class only`);
    return auc;
  };
  return { eyepacs400: of('eyepacs400'), eyepacs256n: of('eyepacs256n') };
}
