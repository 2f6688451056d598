import { fileURLToPath } from 'node:url';
import type { RequestOutput } from '../../../shared/contract/requests.ts';
import { Failure } from '../../../shared/failure.ts';
import { findFieldOfView } from '../../../ml/imaging/field-of-view.ts';
import { parsePipeline } from '../../../ml/imaging/pipelines.ts';
import type { FloatImage } from '../../../ml/imaging/plane.ts';
import type { Raster, Raster8 } from '../../../ml/imaging/raster.ts';
import { decodeImage } from '../../../ml/imaging/read-image.ts';
import type { Classifier } from '../../../ml/models/classifier.ts';
import { openClassifier } from '../../../ml/models/open-classifier.ts';
import { readPlainFile } from '../../../ml/plain-file.ts';
import { tf } from '../../../ml/runtime/tensorflow.ts';
import { hashBytes } from '../../jobs/content-hash.ts';
import { scanSource, type SourceFile } from '../../jobs/scan.ts';
import type { PictureStore } from '../picture-store.ts';

type Preview = RequestOutput<'graders.preview'>;

const samples = fileURLToPath(new URL('../../../../assets/samples/images', import.meta.url));

/** Files that are tried at most: a folder may hold thousands that are no photographs. */
const mostTried = 48;

/**
 * What a grader gets to see of some images, spread over a folder (null: the sample set), and what it answers. Images that cannot be
 * read are passed over, and those that show no retina (masks of annotations) where there are others.
 *
 * @throws Failure usage when no image of the folder can be read
 */
export async function previewGrader(
  file: string,
  folder: string | null,
  count: number,
  { pictures, threads }: { pictures: PictureStore; threads: number },
): Promise<Preview> {
  const { files } = await scanSource(folder ?? samples, {});
  const grader = await openClassifier(file, { threads });
  try {
    const shown: Preview = [];
    for (const image of await seenImages(files, count, grader.spec)) {
      shown.push(await previewImage(grader, image, pictures));
    }
    return shown;
  } finally {
    grader.dispose();
  }
}

/** An image as a grader sees it; small, so that only one photograph is in memory at a time. */
interface SeenImage {
  readonly path: string;
  /** SHA-256 of the file. */
  readonly content: string;
  readonly seen: FloatImage;
}

async function seenImages(
  files: readonly SourceFile[],
  count: number,
  { inputWidth: width, inputHeight: height }: Classifier['spec'],
): Promise<SeenImage[]> {
  const direct = parsePipeline('direct');
  const retinas: SeenImage[] = [];
  const others: SeenImage[] = [];
  let last: Failure | undefined;
  for (const { path, absolute } of spread(files, count).slice(0, mostTried)) {
    if (retinas.length === count) break;
    try {
      const bytes = await readPlainFile(absolute);
      const { raster } = await decodeImage(bytes, path);
      const into = showsRetina(raster) ? retinas : others;
      if (into.length === count) continue;
      const seen = await direct.apply(raster, { width, height });
      into.push({ path, content: hashBytes(bytes), seen });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      last = error;
    }
  }
  if (retinas.length > 0) return retinas;
  if (others.length > 0) return others;
  throw new Failure('usage', 'no image of the folder can be read', {
    hint: last?.message ?? 'Choose a folder with fundus photographs.',
  });
}

function showsRetina(raster: Raster): boolean {
  try {
    findFieldOfView(raster);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** Evenly over the folder, the rest behind them in case some cannot be read. */
function spread(files: readonly SourceFile[], count: number): SourceFile[] {
  const first = new Set(
    Array.from({ length: Math.min(count, files.length) }, (_, index) =>
      Math.floor((index * files.length) / Math.min(count, files.length)),
    ),
  );
  return [...files.filter((_, index) => first.has(index)), ...files.filter((_, index) => !first.has(index))];
}

async function previewImage(
  grader: Classifier,
  { path, content, seen }: SeenImage,
  pictures: PictureStore,
): Promise<Preview[number]> {
  const { id, name } = grader.spec;
  const probabilities = await answer(grader, seen, name);
  return {
    name: path,
    seen: await pictures.make(`grader-sees\n${content}\n${id}`, async () => asRaster(seen), {
      lossless: true,
    }),
    answer: probabilities.indexOf(Math.max(...probabilities)),
    probabilities,
  };
}

async function answer(
  grader: Classifier,
  { data, width, height }: FloatImage,
  name: string,
): Promise<number[]> {
  const x = tf.tensor4d(data, [1, height, width, 3]);
  const logits = await grader.logits(x);
  const softmax = tf.softmax(logits);
  try {
    const probabilities = Array.from(await softmax.data());
    if (probabilities.every(Number.isFinite)) return probabilities;
    throw new Failure('model-not-finite', `grader ${name} answers with a value that is not a number`, {
      hint: 'The model file is damaged, or was trained into nothing.',
    });
  } finally {
    tf.dispose([x, logits, softmax]);
  }
}

function asRaster({ width, height, data }: FloatImage): Raster8 {
  const samples8 = Uint8Array.from(data, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255));
  return { width, height, channels: 3, bitDepth: 8, data: samples8 };
}
