import { parse } from 'csv-parse/sync';
import { z } from 'zod';

import { readAnnotationFile, textOf, unreadable } from './annotation-file.ts';
import { cutNote, pixelBox } from './box-edges.ts';
import type { BoxEdges } from './box-edges.ts';
import type { AnnotationTable } from './coco-json.ts';
import { imageMatcher } from './image-matcher.ts';
import type { AnnotatedRegion, ImageKey } from './regions.ts';
import { describeIssue } from '../../../shared/schema-issue.ts';

const maxFileBytes = 256 * 1024 * 1024;
const sized = ['x', 'y', 'width', 'height'] as const;
const cornered = ['xmin', 'ymin', 'xmax', 'ymax'] as const;

const rowsSchema = z.array(
  z.object({ info: z.object({ lines: z.int() }), record: z.record(z.string(), z.string().max(4096)) }),
);

const numeral = /^[+-]?\d{1,7}(\.\d{1,9})?$/;

interface BoxRow {
  readonly line: number;
  readonly file: string;
  readonly class: string;
  /** Null in a row that only says the image was examined. */
  readonly edges: BoxEdges | null;
}

/**
 * Reads boxes from CSV (RFC 4180) with a header line: file, class and either x, y, width, height or xmin, ymin, xmax,
 * ymax, in pixels from 0; xmax and ymax belong to the box. A row with only `file` says that the image was examined and
 * nothing found. Throws Failure `annotation-unreadable` naming file and line.
 */
export async function readCsvBoxes(path: string): Promise<AnnotationTable> {
  const file = await readAnnotationFile(path, maxFileBytes);
  const rows = parseRows(path, textOf(file));
  const byFile = Map.groupBy(rows, (row) => row.file);
  const match = imageMatcher(path, [...byFile]);
  const find = (image: ImageKey) => {
    const found = match(image.path);
    if (found === null) return null;
    const notes: string[] = [];
    const regions: AnnotatedRegion[] = [];
    for (const row of found) {
      if (row.edges === null) continue;
      const { box, cut } = pixelBox(row.edges, image, path, `line ${row.line}`);
      if (cut) notes.push(cutNote(path, `line ${row.line}`));
      regions.push({ kind: 'box', class: row.class, box });
    }
    return { regions, notes };
  };
  return { path, sha256: file.sha256, find };
}

function parseRows(path: string, text: string): BoxRow[] {
  let parsed: unknown;
  try {
    parsed = parse(text, {
      columns: (header: string[]) => checkedHeader(path, header),
      info: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: 64 * 1024,
    });
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'Failure') throw cause;
    throw unreadable(
      path,
      `no valid CSV: ${cause instanceof Error ? cause.message : 'it cannot be parsed'}`,
      undefined,
      cause,
    );
  }
  const checked = rowsSchema.safeParse(parsed);
  if (!checked.success) throw unreadable(path, `no valid CSV: ${describeIssue(checked.error)}`);
  return checked.data.map(({ info, record }) => toRow(path, info.lines, record));
}

function checkedHeader(path: string, header: readonly string[]): string[] {
  const names = header.map((name) => name.trim().toLowerCase());
  const has = (wanted: readonly string[]) => wanted.every((name) => names.includes(name));
  if (new Set(names).size !== names.length) throw unreadable(path, 'line 1 names a column twice');
  if (!has(['file', 'class']) || !(has(sized) || has(cornered))) {
    throw unreadable(
      path,
      'line 1 is no header with file, class and x, y, width, height (or xmin, ymin, xmax, ymax)',
      'write the column names into the first line, separated by commas',
    );
  }
  return names;
}

function toRow(path: string, line: number, record: Readonly<Record<string, string>>): BoxRow {
  const columns = 'xmin' in record ? cornered : sized;
  const values = columns.map((name) => record[name]);
  const { file, class: className } = record;
  if (file === '') throw unreadable(path, `line ${line} names no file`);
  if (values.every((value) => value === '')) return { line, file, class: className, edges: null };
  if (className === '') throw unreadable(path, `line ${line} names no class`);
  const [a, b, c, d] = values.map((value, index) => {
    if (numeral.test(value)) return Number(value);
    throw unreadable(path, `line ${line}: ${columns[index]} is "${value}", no plain number`);
  });
  const edges =
    columns === sized
      ? { left: a, top: b, right: a + c, bottom: b + d }
      : { left: a, top: b, right: c + 1, bottom: d + 1 };
  return { line, file, class: className, edges };
}
