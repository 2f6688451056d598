import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../shared/failure.ts';
import { whyUnread } from '../plain-file.ts';
import type { PreprocessingInput } from '../onnx/preprocessing.ts';
import type { ExplainableClassifier } from './classifier.ts';

export interface OpenClassifierOptions {
  readonly threads?: number | undefined;
  /** How the grader wants its values; see onnx/preprocessing.ts. */
  readonly preprocessing?: PreprocessingInput | undefined;
}

/**
 * Opens a grader file of either kind, told apart by what it holds, whatever its name: JSON is a TensorFlow.js model
 * (a folder stands for its model.json), anything else has to be ONNX. The engine is loaded only when needed.
 * Throws Failure `model-unreadable`, `model-unsupported`, `model-not-finite` or `runtime-missing`.
 */
export async function openClassifier(
  path: string,
  options: OpenClassifierOptions = {},
): Promise<ExplainableClassifier> {
  const file = await modelFile(path);
  if (await startsWithBrace(file)) {
    const { openTfjsClassifier } = await import('./tfjs-classifier.ts');
    return openTfjsClassifier(file, options);
  }
  const { openOnnxClassifier } = await import('./onnx-classifier.ts');
  return openOnnxClassifier(file, options);
}

async function modelFile(path: string): Promise<string> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const file = found.isDirectory() ? join(path, 'model.json') : path;
  // To open a pipe would wait for a writer that may never come.
  if (found.isDirectory() ? (await stat(file).catch(() => null))?.isFile() === false : !found.isFile())
    throw unreadable(file, new Error('not a regular file'));
  return file;
}

/** An ONNX file starts with a protobuf tag, which is never a brace or white space before one. */
async function startsWithBrace(path: string): Promise<boolean> {
  const start = Buffer.alloc(64);
  try {
    const file = await open(path);
    try {
      const { bytesRead } = await file.read(start, 0, start.length, 0);
      return start.toString('utf8', 0, bytesRead).replace('\uFEFF', '').trimStart().startsWith('{');
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Failure {
  return new Failure('model-unreadable', `${path}: the grader cannot be read: ${whyUnread(cause)}`, {
    subject: path,
    hint: 'Name an .onnx file, or the model.json of a TensorFlow.js model.',
    cause,
  });
}
