import { Worker } from 'node:worker_threads';
import type { BatchRecipe } from './prepare-batch.ts';

/** Prepares batches on a thread of its own; the results are those of `prepareBatch`. */
export interface BatchThread {
  prepare(recipe: BatchRecipe): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
}

interface Waiting {
  resolve(pixels: Float32Array<ArrayBuffer>): void;
  reject(error: unknown): void;
}

export function openBatchThread(): BatchThread {
  const worker = new Worker(new URL('./batch-worker.ts', import.meta.url));
  const waiting = new Map<number, Waiting>();
  let last = 0;
  worker.on('message', ({ id, pixels }: { id: number; pixels: Float32Array<ArrayBuffer> }) => {
    waiting.get(id)?.resolve(pixels);
    waiting.delete(id);
  });
  const fail = (error: unknown): void => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('the thread that prepares images has ended')));
  return {
    prepare: (recipe) =>
      new Promise((resolve, reject) => {
        const id = (last += 1);
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, recipe });
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}
