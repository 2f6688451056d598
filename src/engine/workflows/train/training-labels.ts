import { posix } from 'node:path';
import { parse } from 'csv-parse/sync';
import { readPlainFile, whyUnread } from '../../../ml/plain-file.ts';
import { Failure } from '../../../shared/failure.ts';
import type { SourceFile } from '../../jobs/scan.ts';

/** An image with what the label file says of it. */
export interface LabelledFile {
  readonly file: SourceFile;
  readonly grade: number;
  /** Null where the file names none. */
  readonly patient: string | null;
  readonly split: 'training' | 'validation' | null;
}

export interface TrainingLabels {
  readonly images: readonly LabelledFile[];
  /** Images without a grade. */
  readonly unlabelled: readonly string[];
}

const columns = {
  file: ['file', 'image', 'path', 'filename', 'name', 'id_code'],
  grade: ['grade', 'label', 'level', 'class', 'diagnosis'],
  patient: ['patient', 'patient_id', 'subject'],
  split: ['split', 'set'],
} as const;
const maximumBytes = 64 * 2 ** 20;

/**
 * Joins a label CSV with the images of a folder, by path, else by file name. Every line must name an image that is
 * there, once, with a grade below `classes`.
 * @throws Failure settings-invalid naming file and line
 */
export async function readTrainingLabels(
  path: string,
  files: readonly SourceFile[],
  classes: number,
): Promise<TrainingLabels> {
  const text = await readPlainFile(path, maximumBytes).catch((error: unknown) => {
    throw unusable(path, whyUnread(error), error);
  });
  const rows = parseRows(text, path);
  const at = columnsOf(rows[0]?.record ?? [], path);
  const find = finder(files);
  const seen = new Map<SourceFile, number>();
  const images: LabelledFile[] = [];
  for (const { record, line } of rows.slice(1)) {
    const name = cell(record, at.file).replaceAll('\\', '/').replace(/^\.\//, '');
    if (name === '') throw unusable(path, `line ${line} names no file`);
    const found = find(name);
    if (found === 'several')
      throw unusable(path, `line ${line}: several images are called ${name}; give its path in the folder`);
    if (found === undefined) throw unusable(path, `line ${line}: there is no image ${name} in the folder`);
    const before = seen.get(found);
    if (before !== undefined) throw unusable(path, `lines ${before} and ${line} both label ${found.path}`);
    seen.set(found, line);
    const grade = cell(record, at.grade);
    if (grade === '') continue;
    if (!/^\d{1,3}(\.0+)?$/.test(grade) || Number(grade) >= classes) {
      throw unusable(
        path,
        `line ${line}: the grade of ${name} is ${JSON.stringify(grade)}, expected 0 to ${classes - 1}`,
      );
    }
    const patient = cell(record, at.patient);
    images.push({
      file: found,
      grade: Number(grade),
      patient: patient === '' ? null : patient,
      split: sideOf(cell(record, at.split), path, line),
    });
  }
  const labelled = new Set(images.map(({ file }) => file));
  const unlabelled = files.filter((file) => !labelled.has(file)).map((file) => file.path);
  if (images.length === 0) throw unusable(path, 'it grades no image of the folder');
  const grades = new Set(images.map(({ grade }) => grade));
  if (grades.size === 1) {
    throw unusable(
      path,
      `all ${images.length} images have grade ${[...grades].join()}: there is nothing to tell apart`,
    );
  }
  return { images: images.toSorted((a, b) => (a.file.path < b.file.path ? -1 : 1)), unlabelled };
}

/**
 * Sides given by a file of their own: CSV with `file` and `split`, or with `file` alone, which then names the validation
 * images. Returns the images with their sides, and how many lines name none of them.
 * @throws Failure settings-invalid naming file and line
 */
export async function readSplitFile(
  path: string,
  images: readonly LabelledFile[],
): Promise<{ images: LabelledFile[]; unknown: number }> {
  const text = await readPlainFile(path, maximumBytes).catch((error: unknown) => {
    throw unusable(path, whyUnread(error), error, SPLIT);
  });
  const rows = parseRows(text, path);
  const headings = (rows[0]?.record ?? []).map((heading) => heading.trim().toLowerCase());
  const at = { file: indexIn(headings, columns.file), split: indexIn(headings, columns.split) };
  if (at.file < 0) throw unusable(path, 'its first line has no column file', undefined, SPLIT);
  const find = finder(images.map(({ file }) => file));
  const sides = new Map<SourceFile, LabelledFile['split']>();
  let unknown = 0;
  for (const { record, line } of rows.slice(1)) {
    const found = find(cell(record, at.file).replaceAll('\\', '/').replace(/^\.\//, ''));
    if (found === 'several')
      throw unusable(path, `line ${line}: several images have that name; give paths`, undefined, SPLIT);
    const side = at.split < 0 ? 'validation' : sideOf(cell(record, at.split), path, line);
    if (found === undefined) unknown += 1;
    else if ((sides.get(found) ?? side) !== side)
      throw unusable(path, `line ${line}: ${found.path} stands on both sides`, undefined, SPLIT);
    else sides.set(found, side);
  }
  if (sides.size === 0) throw unusable(path, 'it names no graded image of the folder', undefined, SPLIT);
  const others = at.split < 0 ? 'training' : null;
  return { images: images.map((image) => ({ ...image, split: sides.get(image.file) ?? others })), unknown };
}

function indexIn(headings: readonly string[], wanted: readonly string[]): number {
  return headings.findIndex((name) => wanted.includes(name));
}

function columnsOf(headings: readonly string[], path: string): Record<keyof typeof columns, number> {
  const names = headings.map((heading) => heading.trim().toLowerCase());
  const at = {
    file: indexIn(names, columns.file),
    grade: indexIn(names, columns.grade),
    patient: indexIn(names, columns.patient),
    split: indexIn(names, columns.split),
  };
  if (at.file < 0 || at.grade < 0) {
    throw unusable(
      path,
      `its first line has no columns file and grade (found: ${names.join(', ') || 'nothing'})`,
    );
  }
  return at;
}

function finder(files: readonly SourceFile[]): (name: string) => SourceFile | 'several' | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const byName = new Map<string, SourceFile | 'several'>();
  const add = (key: string, file: SourceFile): void =>
    void byName.set(key, byName.has(key) && byName.get(key) !== file ? 'several' : file);
  for (const file of files) {
    const name = posix.basename(file.path);
    add(name, file);
    const stem = name.slice(0, name.length - posix.extname(name).length);
    if (stem !== name) add(stem, file);
  }
  return (name) => byPath.get(name) ?? byName.get(name) ?? byName.get(posix.basename(name));
}

function sideOf(text: string, path: string, line: number): LabelledFile['split'] {
  const word = text.toLowerCase();
  if (word === '') return null;
  if (['train', 'training'].includes(word)) return 'training';
  if (['val', 'valid', 'validation', 'dev'].includes(word)) return 'validation';
  throw unusable(path, `line ${line}: the split is ${JSON.stringify(text)}, expected training or validation`);
}

function cell(record: readonly string[], column: number): string {
  return column < 0 ? '' : (record[column] ?? '').trim();
}

function parseRows(text: Buffer, path: string): { record: string[]; line: number }[] {
  const rows: { record: string[]; line: number }[] = [];
  try {
    parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      delimiter: [',', ';'],
      onRecord: (record: string[], { lines }: { lines: number }) => void rows.push({ record, line: lines }),
    });
  } catch (error) {
    throw unusable(path, error instanceof Error ? error.message.split('\n', 1)[0] : String(error), error);
  }
  return rows;
}

const LABELS = {
  name: 'label file',
  hint: 'Give a CSV with the columns file and grade and, where known, patient and split.',
};
const SPLIT = {
  name: 'split file',
  hint: 'Give a CSV with the columns file and split, or with the validation images in a column file.',
};

function unusable(path: string, reason: string, cause?: unknown, { name, hint } = LABELS): Failure {
  return new Failure('settings-invalid', `the ${name} ${path} cannot be used: ${reason}`, {
    subject: path,
    hint,
    cause,
  });
}
