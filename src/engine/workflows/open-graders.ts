import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Failure } from '../../shared/failure.ts';
import type { ExplainableClassifier } from '../../ml/models/classifier.ts';

/**
 * Opens grader files: `.onnx`, or a TensorFlow.js layers model (its `model.json`, or the folder that holds it).
 * On failure the ones already open are disposed.
 *
 * @throws Failure model-unreadable, model-unsupported, model-not-finite, runtime-missing
 */
export async function openGraders(
  paths: readonly string[],
  threads: number,
): Promise<ExplainableClassifier[]> {
  const open: ExplainableClassifier[] = [];
  try {
    for (const path of paths) open.push(await openGrader(path, threads));
    return open;
  } catch (error) {
    for (const grader of open) grader.dispose();
    throw error;
  }
}

/** Engines are loaded only for the kind of model that is really used. */
export async function openGrader(path: string, threads: number): Promise<ExplainableClassifier> {
  const file = await graderFile(path);
  if (extname(file).toLowerCase() === '.onnx') {
    const { openOnnxClassifier } = await import('../../ml/models/onnx-classifier.ts');
    return openOnnxClassifier(file, { threads });
  }
  if (extname(file).toLowerCase() === '.json') {
    const { openTfjsClassifier } = await import('../../ml/models/tfjs-classifier.ts');
    return openTfjsClassifier(file, { threads });
  }
  throw new Failure('model-unsupported', `${path} is neither an ONNX file nor a TensorFlow.js model`, {
    subject: path,
    hint: 'Export the grader as .onnx (opset 9-22), or give the model.json of a TensorFlow.js layers model.',
  });
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
