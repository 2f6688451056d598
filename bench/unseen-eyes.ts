import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { idridPhotographs } from '../scripts/assets/lesion-data.ts';
import { bundledLesionNetwork } from '../src/engine/workflows/bundled-lesion-network.ts';
import { readLesionCard } from '../src/ml/lesions/network/lesion-card.ts';
import { type LesionFinder, openLesionNetwork } from '../src/ml/lesions/network/open-lesion-network.ts';
import { lesionFolds } from '../src/ml/lesions/network/training/lesion-recipe.ts';
import type { MarkedPhotograph } from '../src/ml/lesions/network/training/lesion-sample.ts';
import { NotMeasured } from './harness.ts';

/**
 * IDRiD's photographs under `images`, each with the lesion network of its fold, which was trained on the others. The
 * networks lie where MEDLOCKER_LESION_FOLDS says. Throws NotMeasured without them.
 */
export async function* unseenEyes(
  images: string,
  threads: number,
): AsyncGenerator<{
  readonly photograph: MarkedPhotograph;
  readonly finder: LesionFinder;
  readonly fold: number;
}> {
  const folder = process.env['MEDLOCKER_LESION_FOLDS'];
  if (folder === undefined || !existsSync(join(folder, `fold-${lesionFolds - 1}.onnx`))) {
    throw new NotMeasured(
      'MEDLOCKER_LESION_FOLDS names no folder with the weights of the folds; npm run make:assets -- --only lesions --lesion-folds FOLDER trains them in about an hour',
    );
  }
  const photographs = await idridPhotographs(images);
  const card = await readLesionCard(bundledLesionNetwork);
  for (let fold = 0; fold < lesionFolds; fold++) {
    const finder = await openLesionNetwork(join(folder, `fold-${fold}.onnx`), threads, card);
    for (const photograph of photographs.filter((_, i) => i % lesionFolds === fold))
      yield { photograph, finder, fold };
    await finder.release();
  }
}
