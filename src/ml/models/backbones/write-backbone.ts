import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { WeightsManifestEntry } from '@tensorflow/tfjs-core/dist/io/io.js';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { quantise } from './quantise.ts';

/**
 * Writes a grader's trunk (all up to the layer named `pool`) into a folder as model.json and weights.bin.gz: kernels in at
 * most `levels` evenly spaced values (2..256, a byte each), everything else as float32. The form `openBackbone` reads.
 */
export async function writeBackbone(grader: LayersModel, folder: string, levels: number): Promise<void> {
  const end = grader.getLayer('pool').input;
  if (Array.isArray(end)) throw new RangeError('the pooling layer has several inputs');
  const trunk = tf.model({ inputs: grader.inputs, outputs: end, name: grader.name });
  await mkdir(folder, { recursive: true });
  await trunk.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs = [], weightData }) => {
      const floats = new Float32Array(tf.io.CompositeArrayBuffer.join(weightData));
      const { weights, bytes } = pack(weightSpecs, floats, levels);
      await writeFile(join(folder, 'weights.bin.gz'), gzipSync(bytes, { level: 9 }));
      const weightsManifest = [{ paths: ['weights.bin.gz'], weights }];
      await writeFile(
        join(folder, 'model.json'),
        JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest }),
      );
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
}

function pack(
  specs: readonly WeightsManifestEntry[],
  floats: Float32Array,
  levels: number,
): { weights: WeightsManifestEntry[]; bytes: Buffer } {
  const parts: Uint8Array[] = [];
  const weights: WeightsManifestEntry[] = [];
  let from = 0;
  for (const spec of specs) {
    const size = spec.shape.reduce((product, side) => product * side, 1);
    const values = floats.slice(from, from + size);
    from += size;
    if (spec.shape.length < 2) {
      weights.push(spec);
      parts.push(new Uint8Array(values.buffer));
      continue;
    }
    const { codes, scale, min } = quantise(values, levels);
    weights.push({ ...spec, quantization: { dtype: 'uint8', scale, min } });
    parts.push(codes);
  }
  return { weights, bytes: Buffer.concat(parts) };
}
