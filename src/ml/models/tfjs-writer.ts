import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tf } from '../runtime/tensorflow.ts';

/**
 * Writes a layers model as model.json and weights.bin into a folder (made if absent), the form `openTfjsClassifier`
 * reads. The files are not written atomically: write into a fresh folder and rename it where that matters.
 */
export async function writeTfjsModel(model: LayersModel, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'model.json');
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
      await writeFile(join(folder, 'weights.bin'), bytes);
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      await writeFile(path, JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest }));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return path;
}
