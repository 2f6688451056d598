import { posix } from 'node:path';
import { parse } from 'csv-parse/sync';
import { readPlainFile, whyUnread } from '../../ml/plain-file.ts';
import { Failure } from '../../shared/failure.ts';

/** Grades by image; `gradeOf` answers null for an image the file does not name. */
export interface LabelFile {
  readonly size: number;
  gradeOf(path: string): number | null;
}

const fileColumns = ['file', 'image', 'path', 'filename', 'name', 'id_code'];
const gradeColumns = ['grade', 'label', 'level', 'class', 'diagnosis'];
const maximumBytes = 64 * 2 ** 20;

/**
 * Reads a CSV with a heading line and the columns file and grade (0, 1, 2 ...; empty = unknown). An image is found by its path in the
 * source, else by its file name, else by its name without extension; a name that stands for several images with different grades is refused.
 *
 * @throws Failure settings-invalid naming file and line
 */
export async function readLabelFile(path: string): Promise<LabelFile> {
  const text = await readPlainFile(path, maximumBytes).catch((error: unknown) => {
    throw unusable(path, whyUnread(error), error);
  });
  const rows = parseRows(text, path);
  const headings = (rows[0]?.record ?? []).map((heading) => heading.trim().toLowerCase());
  const fileColumn = headings.findIndex((heading) => fileColumns.includes(heading));
  const gradeColumn = headings.findIndex((heading) => gradeColumns.includes(heading));
  if (fileColumn < 0 || gradeColumn < 0) {
    throw unusable(
      path,
      `its first line has no columns file and grade (found: ${headings.join(', ') || 'nothing'})`,
    );
  }
  const grades = new Map<string, number>();
  const ambiguous = new Set<string>();
  for (const { record, line } of rows.slice(1)) {
    const file = (record[fileColumn] ?? '').trim().replaceAll('\\', '/').replace(/^\.\//, '');
    const grade = (record[gradeColumn] ?? '').trim();
    if (file === '' || grade === '') continue;
    if (!/^\d{1,3}(\.0+)?$/.test(grade))
      throw unusable(path, `line ${line}: the grade ${JSON.stringify(grade)} is not a whole number`);
    for (const key of keysOf(file)) {
      const known = grades.get(key);
      if (known !== undefined && known !== Number(grade)) ambiguous.add(key);
      grades.set(key, Number(grade));
    }
  }
  return {
    size: rows.length - 1,
    gradeOf(image) {
      for (const key of keysOf(image)) {
        const grade = grades.get(key);
        if (grade === undefined) continue;
        if (ambiguous.has(key)) throw unusable(path, `${posix.basename(image)} has several grades`);
        return grade;
      }
      return null;
    },
  };
}

/** From the most to the least exact. */
function keysOf(file: string): string[] {
  const name = posix.basename(file);
  const extension = posix.extname(name);
  return [
    `path:${file}`,
    `name:${name}`,
    `stem:${extension === '' ? name : name.slice(0, -extension.length)}`,
  ];
}

function parseRows(text: Buffer, path: string): { record: string[]; line: number }[] {
  try {
    const rows: { record: string[]; line: number }[] = [];
    parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      delimiter: semicolons(text) ? ';' : ',',
      onRecord: (record: string[], { lines }: { lines: number }) => void rows.push({ record, line: lines }),
    });
    return rows;
  } catch (error) {
    throw unusable(
      path,
      error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error),
      error,
    );
  }
}

/** Spreadsheets of many countries separate by semicolons. */
function semicolons(text: Buffer): boolean {
  const heading = text.subarray(0, 4096).toString('utf8').split('\n', 1)[0] ?? '';
  return heading.includes(';') && !heading.includes(',');
}

function unusable(path: string, reason: string, cause?: unknown): Failure {
  return new Failure('settings-invalid', `the label file ${path} cannot be used: ${reason}`, {
    subject: path,
    hint: 'Give a CSV with the columns file and grade, for example: file,grade',
    cause,
  });
}
