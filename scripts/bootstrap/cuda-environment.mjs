// Where the dynamic linker finds the CUDA libraries of the CUDA build: it reads its path once, when a process starts.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { projectRoot } from './machine.mjs';

export const cudaFolder = join(projectRoot, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'deps', 'cuda');

/** The environment for a process that may start TensorFlow; unchanged where the CUDA build is not installed. */
export function withCudaLibraries(env, folder = cudaFolder) {
  if (!existsSync(folder)) return env;
  const before = env.LD_LIBRARY_PATH ?? '';
  return { ...env, LD_LIBRARY_PATH: before === '' ? folder : `${folder}${delimiter}${before}` };
}
