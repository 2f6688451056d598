import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { WeightsManifestEntry } from '@tensorflow/tfjs-core/dist/io/io.js';
import { z } from 'zod';
import { Failure } from '../../shared/failure.ts';
import { describeIssue } from '../../shared/schema-issue.ts';
import { readPlainFile, whyUnread } from '../plain-file.ts';
import { tf } from '../runtime/tensorflow.ts';
import { registerOwnLayers } from './architectures/own-layers.ts';

/** A layers model as it lies on disk, checked but not yet built. */
export interface TfjsFiles {
  /** Parsed `modelTopology`, a fresh object the caller may edit. */
  readonly topology: Record<string, unknown>;
  readonly weightSpecs: WeightsManifestEntry[];
  readonly weightData: ArrayBuffer;
  /** SHA-256 over model.json and its shards in the manifest's order. */
  readonly sha256: string;
  /** File name without extension, or the folder's name where the file is called just model.json. */
  readonly name: string;
}

const LARGEST_TOPOLOGY = 64 * 2 ** 20;
const LARGEST_WEIGHTS = 2 ** 31 - 1;

const weightSchema = z.object({
  name: z.string().min(1),
  shape: z.array(z.int().min(0)).max(8),
  dtype: z.enum(['float32', 'int32', 'bool']),
  quantization: z
    .object({
      dtype: z.enum(['uint8', 'uint16', 'float16']),
      scale: z.number().optional(),
      min: z.number().optional(),
    })
    .optional(),
});

const modelSchema = z.object({
  format: z.string().nullish(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(
    z.object({ paths: z.array(z.string().min(1)).min(1), weights: z.array(weightSchema) }),
  ),
});

/**
 * Reads model.json and its weight shards. Shards must lie in the same folder (no absolute or climbing path, no link out
 * of it), have exactly the size the manifest promises (once unpacked, where they end in .gz), and hold finite numbers.
 * Throws Failure `model-unreadable`, `model-unsupported` or `model-not-finite`.
 */
export async function readTfjsFiles(path: string): Promise<TfjsFiles> {
  registerOwnLayers();
  const json = await readLimited(path, LARGEST_TOPOLOGY, path);
  const model = parseModel(json, path);
  const hash = createHash('sha256').update(json);
  const specs: WeightsManifestEntry[] = [];
  const parts: Buffer[] = [];
  let total = 0;
  for (const group of model.weightsManifest) {
    const promised = group.weights.reduce((sum, weight) => sum + storedBytes(weight), 0);
    if (!(total + promised <= LARGEST_WEIGHTS)) {
      throw new Failure('model-unsupported', `${path}: its weights exceed 2 GiB`, {
        subject: path,
        hint: 'Use a smaller grader, or the same one as ONNX with float16 weights.',
      });
    }
    let found = 0;
    for (const shard of group.paths) {
      const bytes = await readShard(path, shard, promised - found);
      found += bytes.length;
      hash.update(bytes);
      parts.push(bytes);
    }
    if (found !== promised) {
      throw unreadable(path, `weights ${group.paths.join(', ')} hold ${found} bytes, expected ${promised}`);
    }
    total += promised;
    specs.push(...group.weights.map(toManifestEntry));
  }
  checkNames(path, specs);
  const weightData = new Uint8Array(Buffer.concat(parts)).buffer;
  checkFinite(path, specs, weightData);
  return {
    topology: model.modelTopology,
    weightSpecs: specs,
    weightData,
    sha256: hash.digest('hex'),
    name: displayName(path),
  };
}

function parseModel(json: Buffer, path: string): z.infer<typeof modelSchema> {
  let value: unknown;
  try {
    value = JSON.parse(json.toString('utf8'));
  } catch (cause) {
    throw unreadable(path, 'not JSON', cause);
  }
  const parsed = modelSchema.safeParse(value);
  if (!parsed.success) {
    throw unreadable(path, `not a TensorFlow.js model (${describeIssue(parsed.error)})`);
  }
  const { format, modelTopology } = parsed.data;
  if (format === 'graph-model' || 'node' in modelTopology) {
    throw new Failure('model-unsupported', `${path}: a graph model, which cannot be differentiated`, {
      subject: path,
      hint: 'Convert the original to the layers format (tfjs_layers_model) or to ONNX.',
    });
  }
  return parsed.data;
}

async function readShard(modelPath: string, shard: string, largest: number): Promise<Buffer> {
  const folder = dirname(modelPath);
  if (isAbsolute(shard) || shard.split(/[\\/]/).includes('..')) {
    throw unreadable(modelPath, `weight file "${shard}" lies outside the model's folder`);
  }
  const path = join(folder, shard);
  const real = await realpath(path).catch((cause: unknown) => {
    throw unreadable(modelPath, `weight file "${shard}" is missing`, cause);
  });
  if (!real.startsWith((await realpath(folder)) + sep)) {
    throw unreadable(modelPath, `weight file "${shard}" is a link out of the model's folder`);
  }
  const bytes = await readLimited(real, largest, modelPath);
  if (!shard.endsWith('.gz')) return bytes;
  try {
    // A bomb stops at one byte more than the manifest promises.
    return gunzipSync(bytes, { maxOutputLength: largest + 1 });
  } catch (cause) {
    throw unreadable(modelPath, `weight file "${shard}" is no whole gzip file of ${largest} bytes`, cause);
  }
}

async function readLimited(path: string, largest: number, modelPath: string): Promise<Buffer> {
  const name = basename(path);
  try {
    const { size } = await stat(path);
    if (size > largest) throw unreadable(modelPath, `${name} has ${size} bytes, expected at most ${largest}`);
    return await readPlainFile(path);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw unreadable(modelPath, `${name} cannot be read: ${whyUnread(cause)}`, cause);
  }
}

const BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

function storedBytes(weight: z.infer<typeof weightSchema>): number {
  const elements = weight.shape.reduce((product, side) => product * side, 1);
  return elements * (BYTES[weight.quantization?.dtype ?? weight.dtype] ?? Number.NaN);
}

function toManifestEntry(weight: z.infer<typeof weightSchema>): WeightsManifestEntry {
  const { quantization, ...entry } = weight;
  if (quantization === undefined) return entry;
  const { dtype, scale, min } = quantization;
  if (dtype === 'float16') return { ...entry, quantization: { dtype } };
  return { ...entry, quantization: { dtype, scale: scale ?? Number.NaN, min: min ?? Number.NaN } };
}

function checkNames(path: string, specs: readonly WeightsManifestEntry[]): void {
  const seen = new Set<string>();
  for (const { name } of specs) {
    if (seen.has(name)) throw unreadable(path, `weight "${name}" is listed twice`);
    seen.add(name);
  }
}

function checkFinite(path: string, specs: WeightsManifestEntry[], weightData: ArrayBuffer): void {
  const weights = tf.io.decodeWeights(weightData, specs);
  try {
    for (const [name, tensor] of Object.entries(weights)) {
      if (!tensor.dataSync().every(Number.isFinite)) {
        throw new Failure('model-not-finite', `${path}: weight "${name}" holds NaN or infinity`, {
          subject: path,
          hint: 'Training of this model has diverged, or the file is damaged.',
        });
      }
    }
  } finally {
    tf.dispose(weights);
  }
}

function displayName(path: string): string {
  const stem = basename(path).replace(/\.[^.]*$/, '');
  return stem === 'model' ? basename(dirname(resolve(path))) : stem;
}

function unreadable(path: string, reason: string, cause?: unknown): Failure {
  return new Failure('model-unreadable', `${path}: ${reason}`, {
    subject: path,
    hint: 'Save the model again, and keep model.json and its weight files together.',
    cause,
  });
}
