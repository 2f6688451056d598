import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../shared/failure.ts';
import { openClassifier } from '../../ml/models/open-classifier.ts';

/** Folder of the graders that come with the program. */
export const bundledGraders = fileURLToPath(new URL('../../../assets/graders', import.meta.url));

export interface ListedGrader {
  /** Relative to the folder listed. */
  readonly file: string;
  readonly usable: boolean;
  readonly kind: string | null;
  readonly size: string | null;
  readonly classes: number | null;
  /** Device that runs it, or why it cannot be used. */
  readonly reason: string;
}

/** Opens every grader below a folder once and says what came of it. @throws Failure usage for a folder that cannot be read */
export async function listGraders(folder: string): Promise<ListedGrader[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (folder === bundledGraders) return [];
    throw new Failure('usage', `${folder} cannot be read`, {
      subject: folder,
      hint: 'Name a folder with graders.',
      cause: error,
    });
  });
  const files = entries
    .filter(
      (entry) =>
        entry.isFile() && (entry.name.toLowerCase().endsWith('.onnx') || entry.name === 'model.json'),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const listed: ListedGrader[] = [];
  for (const file of files) listed.push(await describe(file, folder));
  return listed;
}

async function describe(path: string, folder: string): Promise<ListedGrader> {
  const named = basename(path) === 'model.json' ? dirname(path) : path;
  const file = relative(folder, named).split(sep).join('/') || basename(folder);
  try {
    const grader = await openClassifier(path, { threads: 1 });
    const { kind, inputWidth, inputHeight, classes, device } = grader.spec;
    grader.dispose();
    return { file, usable: true, kind, size: `${inputWidth} x ${inputHeight}`, classes, reason: device };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { file, usable: false, kind: null, size: null, classes: null, reason: error.message };
  }
}
