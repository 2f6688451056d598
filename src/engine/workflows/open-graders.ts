import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../shared/failure.ts';
import type { ExplainableClassifier } from '../../ml/models/classifier.ts';
import { openClassifier } from '../../ml/models/open-classifier.ts';

/**
 * Opens grader files in their order; on failure the ones already open are disposed.
 *
 * @throws Failure model-unreadable, model-unsupported, model-not-finite, runtime-missing
 */
export async function openGraders(
  paths: readonly string[],
  threads: number,
): Promise<ExplainableClassifier[]> {
  const open: ExplainableClassifier[] = [];
  try {
    for (const path of paths) open.push(await openClassifier(path, { threads }));
    return open;
  } catch (error) {
    for (const grader of open) grader.dispose();
    throw error;
  }
}

/** The file a grader is named by: a folder stands for the model.json in it. @throws Failure model-unreadable */
export async function graderFile(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, 'model.json') : path;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Failure('model-unreadable', `${path} ${missing ? 'does not exist' : 'cannot be opened'}`, {
      subject: path,
      hint: 'Check the path of the grader.',
      cause: error,
    });
  }
}
