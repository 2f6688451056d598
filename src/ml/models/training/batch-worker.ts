import { parentPort } from 'node:worker_threads';
import { prepareBatch, type BatchRecipe } from './prepare-batch.ts';

// A thread of its own varies the next images while libtensorflow holds the main one (batch-thread.ts).
parentPort?.on('message', ({ id, recipe }: { id: number; recipe: BatchRecipe }) => {
  prepareBatch(recipe).then(
    (pixels) => parentPort?.postMessage({ id, pixels }, [pixels.buffer]),
    // Leaves the thread as its error, which fails every batch that waits.
    (error: unknown) =>
      setImmediate(() => {
        throw error;
      }),
  );
});
