import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { jobIdSchema } from '../../../shared/contract/jobs.ts';
import { failureReplySchema } from '../../../shared/contract/reply.ts';
import { jobTotalsSchema } from '../../../shared/job-events.ts';
import { protectJobSchema } from '../../../shared/protect-job.ts';
import { writeAtomically } from '../../jobs/atomic-write.ts';

/** A job as the window keeps it between its starts; what was done to the images is in the job's own journal. */
export const jobRecordSchema = z.strictObject({
  id: jobIdSchema,
  created: z.string(),
  job: protectJobSchema,
  /** Id of the owner key that signs. */
  ownerKey: z.string(),
  reviewRequired: z.boolean(),
  /** `running`: nobody has ended it; found at a start it means that the engine was cut short. */
  status: z.enum(['running', 'cancelled', 'done', 'failed']),
  failure: failureReplySchema.nullable(),
  totals: jobTotalsSchema,
  finished: z.int().min(0),
  elapsedSeconds: z.number().min(0),
  skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  /** What it had to say; none in entries from before they were kept. */
  notes: z.array(z.string()).default([]),
});

export type JobRecord = z.infer<typeof jobRecordSchema>;

export async function writeJobRecord(folder: string, record: JobRecord): Promise<void> {
  await writeAtomically(fileOf(folder, record.id), `${JSON.stringify(record)}\n`, 'jobs', 0o600);
}

export async function removeJobRecord(folder: string, id: string): Promise<void> {
  await rm(fileOf(folder, id), { force: true });
}

/** Newest first. A damaged file is put aside and named, so that nothing is lost and nothing stops. */
export async function readJobRecords(folder: string): Promise<{ records: JobRecord[]; damaged: string[] }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const records: JobRecord[] = [];
  const damaged: string[] = [];
  for (const name of (await readdir(folder)).filter((one) => one.endsWith('.json'))) {
    const record = await readRecord(join(folder, name));
    if (record !== null) records.push(record);
    else {
      damaged.push(name);
      await rename(join(folder, name), join(folder, `${name}.damaged`));
    }
  }
  return { records: records.sort((a, b) => b.created.localeCompare(a.created)), damaged };
}

async function readRecord(path: string): Promise<JobRecord | null> {
  try {
    return jobRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

function fileOf(folder: string, id: string): string {
  return join(folder, `${jobIdSchema.parse(id)}.json`);
}
