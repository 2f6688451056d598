import { runningTensorFlow } from './tensorflow.ts';

/**
 * Bytes this process may still take before the system, or its container, stops it. Infinite where that is not known:
 * outside Linux caches count as used, and a GPU's memory says itself when it is short.
 */
export function availableMemory(): number {
  if (process.platform !== 'linux' || runningTensorFlow()?.device === 'GPU') return Infinity;
  return process.availableMemory();
}
