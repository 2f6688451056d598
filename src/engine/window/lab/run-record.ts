import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runSchema, type LabRun } from '../../../shared/contract/lab.ts';
import { handleIdSchema } from '../../../shared/contract/handles.ts';
import { writeAtomically } from '../../jobs/atomic-write.ts';
import type { PathBook } from '../path-book.ts';
import type { Told } from './run-wire.ts';

/** A run as it is kept between starts: what the window sees, without the handle of its folder, and what it was given. */
export const runRecordSchema = runSchema.omit({ out: true, resumable: true }).extend({
  /** Its settings with paths in place of names, to go on with; null for runs from before they were kept. */
  given: z.record(z.string(), z.json()).nullable().default(null),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

/** Points a series keeps; older ones are thinned out, so that a long run stays quick to draw and to send. */
const mostPoints = 600;

/** The folder of a run's own, beside its entry. */
export function runFolder(folder: string, id: string): string {
  return join(folder, handleIdSchema.parse(id));
}

export function shownRun(
  { given, ...record }: RunRecord,
  folder: string,
  paths: PathBook,
  resumes: boolean,
): LabRun {
  const { status } = record.state;
  const resumable = resumes && given !== null && (status === 'failed' || status === 'cancelled');
  return { ...record, out: paths.handle(runFolder(folder, record.id), 'folder'), resumable };
}

export async function writeRunRecord(folder: string, record: RunRecord): Promise<void> {
  const path = join(folder, `${handleIdSchema.parse(record.id)}.json`);
  await writeAtomically(path, `${JSON.stringify(record)}\n`, 'runs', 0o600);
}

/** The entry and the run's own folder. */
export async function removeRunRecord(folder: string, id: string): Promise<void> {
  await rm(join(folder, `${handleIdSchema.parse(id)}.json`), { force: true });
  await rm(runFolder(folder, id), { recursive: true, force: true });
}

/** Newest first. A damaged entry is put aside under another name. */
export async function readRunRecords(folder: string): Promise<RunRecord[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const records: RunRecord[] = [];
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.json'))) {
    try {
      records.push(runRecordSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8'))));
    } catch {
      await rename(join(folder, name), join(folder, `${name}.damaged`));
    }
  }
  return records.sort((a, b) => b.created.localeCompare(a.created));
}

/** The record after something was told; `grader` changes nothing here. */
export function afterTold(record: RunRecord, told: Told): RunRecord {
  switch (told.kind) {
    case 'progress':
      return { ...record, progress: told.share, etaSeconds: told.etaSeconds };
    case 'metric':
      return {
        ...record,
        metrics: replaced(record.metrics, { name: told.name, value: told.value }, ({ name }) => name),
      };
    case 'point': {
      const { name } = told.series;
      const points = record.series.find((one) => one.name === name)?.points ?? [];
      // A run that is resumed tells its series from the beginning: what it told before is replaced.
      const before = points.filter(({ x }) => x < told.point.x);
      const series = { ...told.series, points: thinned([...before, told.point]) };
      return { ...record, series: replaced(record.series, series, (one) => one.name) };
    }
    case 'table':
      return { ...record, tables: replaced(record.tables, told.table, ({ title }) => title) };
    case 'note':
      return { ...record, notes: [...record.notes, told.text].slice(-200) };
    case 'grader':
      return record;
  }
}

function replaced<T>(list: readonly T[], item: T, nameOf: (item: T) => string): T[] {
  const index = list.findIndex((one) => nameOf(one) === nameOf(item));
  return index < 0 ? [...list, item] : list.with(index, item);
}

/** Every second point but the last, once there are too many. */
function thinned<T>(points: T[]): T[] {
  if (points.length <= mostPoints) return points;
  return points.filter((_, index) => index % 2 === 0 || index === points.length - 1);
}
