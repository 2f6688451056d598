import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const packages = ['onnxruntime-node', 'sharp', '@tensorflow/tfjs', '@tensorflow/tfjs-node-gpu'];

/** What a figure depends on beside the code: processor, memory, versions. */
export function machine(): Record<string, string | number> {
  return {
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  try {
    const path = join(import.meta.dirname, '..', 'node_modules', name, 'package.json');
    return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, 'utf8'))).version;
  } catch {
    return 'not installed';
  }
}
