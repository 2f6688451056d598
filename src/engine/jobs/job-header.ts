import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Failure } from '../../shared/failure.ts';
import { hashBytes } from './content-hash.ts';
import { createExclusively, removeDrafts } from './exclusive-file.ts';

export const journalFormat = 'medlocker-journal/1';

/** What all shards of a job agree on. Written once, when the first of them starts. */
export const jobHeaderSchema = z.strictObject({
  format: z.literal(journalFormat),
  /** First 32 hex digits of SHA-256(format, created, settings hash): the job's name. */
  job: z.string().regex(/^[0-9a-f]{32}$/),
  /** The `created` of every certificate of the job, so that a resumed job writes the same bytes. ISO 8601, UTC, whole seconds written with milliseconds. */
  created: z.iso.datetime({ precision: 3 }),
  /** SHA-256 over the canonical JSON of `settings`. */
  settingsSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Everything that decides the outputs, by name, so that a mismatch can be explained. */
  settings: z.record(z.string(), z.json()),
});

export type JobHeader = z.infer<typeof jobHeaderSchema>;
export type JobSettings = JobHeader['settings'];

/**
 * The header of a job: the one that stands in the output folder, or a new one. Shards may start at the same moment; exactly one
 * header wins and all use it.
 *
 * @param created used when the job is new, e.g. from SOURCE_DATE_EPOCH
 * @throws Failure settings-invalid when the folder holds a job with other settings, naming the ones that differ
 */
export async function settleHeader(
  path: string,
  settings: JobSettings,
  created: Date,
): Promise<{ header: JobHeader; resumed: boolean }> {
  const settingsSha256 = hashBytes(stableJson(settings));
  const time = new Date(Math.floor(created.getTime() / 1000) * 1000).toISOString();
  const job = hashBytes(`${journalFormat}\n${time}\n${settingsSha256}`).slice(0, 32);
  const wanted: JobHeader = { format: journalFormat, job, created: time, settingsSha256, settings };
  const found = await readHeader(path);
  if (found === null && (await createExclusively(path, `${JSON.stringify(wanted, null, 2)}\n`)))
    return { header: wanted, resumed: false };
  const header = found ?? (await readHeader(path));
  if (header === null)
    throw new Failure('job-inconsistent', `${path} appears and vanishes`, {
      subject: path,
      hint: 'Another process works in the same --out: let it end, then start again.',
    });
  await removeDrafts(path);
  if (header.settingsSha256 !== settingsSha256) throw otherSettings(path, header.settings, settings);
  return { header, resumed: true };
}

/** Null when there is none. @throws Failure job-inconsistent when it cannot be read */
export async function readHeader(path: string): Promise<JobHeader | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Failure('job-inconsistent', `${path} cannot be read`, {
      subject: path,
      hint: 'Check its permissions, or choose a new --out.',
      cause: error,
    });
  }
  try {
    return jobHeaderSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Failure('job-inconsistent', `${path} is not the header of a MedLocker job`, {
      subject: path,
      hint: 'Use another --out.',
      cause: error,
    });
  }
}

/** JSON with sorted keys: equal settings give equal text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}

function otherSettings(path: string, before: JobSettings, now: JobSettings): Failure {
  const was = leaves(before);
  const is = leaves(now);
  const names = [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name));
  const listed = names.map((name) => `${name} ${brief(was.get(name))} then, ${brief(is.get(name))} now`);
  return new Failure(
    'settings-invalid',
    `the output folder holds a job with other settings: ${listed.join('; ')}`,
    {
      subject: path,
      hint: 'Use another --out for the new settings, or the settings the job was started with to go on with it.',
    },
  );
}

/** `settings.mark.size` -> `0.12`; lists stay whole. */
function leaves(value: unknown, name = '', found = new Map<string, string>()): Map<string, string> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value))
      leaves(inner, name === '' ? key : `${name}.${key}`, found);
  } else found.set(name, stableJson(value));
  return found;
}

function brief(text = 'unset'): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
