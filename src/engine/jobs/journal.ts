import { open, mkdir, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../shared/failure.ts';
import { reportImageSchema } from '../report/report-input.ts';
import { notWritable, syncDirectory } from './atomic-write.ts';
import { jobHeaderSchema, type JobHeader } from './job-header.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const writtenFileSchema = z.strictObject({ path: z.string(), sha256, bytes: z.int().min(0) });

const common = {
  /** Relative to the source. */
  path: z.string(),
  /** SHA-256 of the source file. */
  content: sha256,
  seconds: z.number().min(0),
};

export const journalRecordSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('done'),
    ...common,
    outputs: z.strictObject({
      image: writtenFileSchema,
      certificate: writtenFileSchema,
      residual: writtenFileSchema,
    }),
    imageId: z.string().regex(/^[0-9a-f]{32}$/),
    /** The image's rows of the report: private, never in the certificate. */
    report: reportImageSchema,
  }),
  z.strictObject({ state: z.literal('no-room'), ...common, reason: z.string() }),
  z.strictObject({
    state: z.literal('failed'),
    ...common,
    /** Null when not even the file's bytes could be read. */
    content: sha256.nullable(),
    code: z.string(),
    reason: z.string(),
    hint: z.string().nullable(),
  }),
]);

/** Stands behind the records of a run that has seen every image of its shard: `merge` asks for it. */
const completeSchema = z.strictObject({ state: z.literal('complete'), total: z.int().min(0) });

const lineSchema = z.union([completeSchema, journalRecordSchema]);

export type JournalRecord = z.infer<typeof journalRecordSchema>;
export type DoneRecord = Extract<JournalRecord, { state: 'done' }>;

export interface Journal {
  /** The latest record of each path. */
  readonly records: ReadonlyMap<string, JournalRecord>;
  /** Returns when the record is on the disk. */
  append(record: JournalRecord): Promise<void>;
  /** Notes that every image of the shard has its record. */
  complete(total: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a shard's journal for appending, or starts it. First line: the job's header; then one record a line, the last one of a path
 * counts. A last line without its end (the process was killed while writing it) is cut off. The caller holds the job's lock.
 *
 * @throws Failure job-inconsistent when another job's header, or a line that cannot be read, stands in it
 */
export async function openJournal(path: string, header: JobHeader): Promise<Journal> {
  let handle: FileHandle;
  try {
    await mkdir(dirname(path), { recursive: true });
    handle = await open(path, 'a+', 0o600);
  } catch (error) {
    throw notWritable(path, error);
  }
  try {
    const bytes = await handle.readFile();
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (whole < bytes.length) {
      await handle.truncate(whole);
      await handle.sync();
    }
    const records = new Map<string, JournalRecord>();
    if (whole === 0) {
      await appendLine(handle, path, header);
      await syncDirectory(dirname(path));
    } else {
      const found = parseJournal(bytes.toString('utf8', 0, whole), path);
      if (found.header.job !== header.job) throw anotherJob(path);
      for (const record of found.records) records.set(record.path, record);
    }
    return {
      records,
      async append(record) {
        await appendLine(handle, path, record);
        records.set(record.path, record);
      },
      complete: (total) => appendLine(handle, path, { state: 'complete', total }),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A journal as `merge` sees it. */
export interface ReadJournal {
  readonly header: JobHeader;
  readonly records: readonly JournalRecord[];
  /** Number of images of the shard, when its last run has seen them all; null when it was interrupted. */
  readonly total: number | null;
}

/** Reads a journal without changing it, a last line without its end left out; null when there is none. */
export async function readJournal(path: string): Promise<ReadJournal | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Failure('job-inconsistent', `${path} cannot be read`, {
      subject: path,
      hint: 'Check its permissions, or choose a new --out.',
      cause: error,
    });
  }
  try {
    const bytes = await handle.readFile();
    const whole = bytes.lastIndexOf(0x0a) + 1;
    return whole === 0 ? null : parseJournal(bytes.toString('utf8', 0, whole), path);
  } finally {
    await handle.close();
  }
}

function parseJournal(text: string, path: string): ReadJournal {
  const lines = text.split('\n').slice(0, -1);
  const header = parseLine(jobHeaderSchema, lines[0] ?? '', path, 1);
  const records = new Map<string, JournalRecord>();
  let total: number | null = null;
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    const parsed = parseLine(lineSchema, line, path, index + 1);
    if (parsed.state === 'complete') total = parsed.total;
    else records.set(parsed.path, parsed);
  }
  return { header, records: [...records.values()], total };
}

function parseLine<T>(schema: z.ZodType<T>, line: string, path: string, number: number): T {
  try {
    return schema.parse(JSON.parse(line));
  } catch (error) {
    throw new Failure('job-inconsistent', `${path}: line ${number} of the journal cannot be read`, {
      subject: path,
      hint: 'It was changed by hand or by a damaged disk. Delete the line (that image is then done again) or start with a new --out.',
      cause: error,
    });
  }
}

async function appendLine(handle: FileHandle, path: string, value: unknown): Promise<void> {
  const { size, ino } = await handle.stat();
  // What is written into a deleted file is lost, and the images beside it are gone: nothing may be signed then.
  if ((await stat(path).catch(() => null))?.ino !== ino) throw goneJournal(path);
  try {
    await handle.appendFile(`${JSON.stringify(value)}\n`);
    await handle.datasync();
  } catch (error) {
    // Half a line on a full disk would spoil the next one.
    await handle.truncate(size).catch(() => undefined);
    throw notWritable(path, error);
  }
}

function goneJournal(path: string): Failure {
  return new Failure('job-inconsistent', `${path} was deleted or moved while the job ran`, {
    subject: path,
    hint: 'Put the output folder back, or start again: what is missing is then done anew.',
  });
}

function anotherJob(path: string): Failure {
  return new Failure('job-inconsistent', `${path} belongs to another job`, {
    subject: path,
    hint: 'Use another --out, or the settings the job was started with.',
  });
}
