import { readFile } from 'node:fs/promises';
import { Failure } from '../../shared/failure.ts';
import { bundledLesionNetwork } from './bundled-lesion-network.ts';

/**
 * The weights a lesion network starts from: `bundled`, the path of a .weights file, or null for `none` (random weights).
 * @throws Failure model-unreadable
 */
export async function readStartingWeights(init: string): Promise<{ path: string; bytes: Uint8Array } | null> {
  if (init === 'none') return null;
  const path = init === 'bundled' ? bundledLesionNetwork.replace(/\.onnx$/, '.weights') : init;
  try {
    return { path, bytes: await readFile(path) };
  } catch (cause) {
    throw new Failure('model-unreadable', `the starting weights ${path} cannot be read`, {
      subject: path,
      hint: 'Name a .weights file of train-lesions, or use --init bundled or --init none.',
      cause,
    });
  }
}
