import { parentPort } from 'node:worker_threads';
import { prepareBatch, type BatchRecipe } from './prepare-batch.ts';

// A thread of its own varies the next images while libtensorflow holds the main one (batch-thread.ts).
parentPort?.on('message', ({ id, recipe }: { id: number; recipe: BatchRecipe }) => {
  const pixels = prepareBatch(recipe);
  parentPort?.postMessage({ id, pixels }, [pixels.buffer]);
});
