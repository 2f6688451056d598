import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Failure } from '../../shared/failure.ts';
import type { Logo } from '../../ml/watermark/logo.ts';
import type { GraderRole } from '../../shared/transfer.ts';
import type { ExplainableClassifier } from '../../ml/models/classifier.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { reportGraderSchema, type ReportGrader } from '../report/report-input.ts';

/** What the report tells about the machine's side of a job; private, since it names the source folder. */
export const jobContextSchema = z.strictObject({
  /** Real path of the source, for the pictures of the report. */
  source: z.string(),
  graders: z.array(reportGraderSchema),
  pipelines: z.array(z.string()),
  logo: z.strictObject({ name: z.string(), sha256: z.string() }).nullable(),
  /** Engines and libraries that ran, name to version. */
  versions: z.record(z.string(), z.string()),
});

export type JobContext = z.infer<typeof jobContextSchema>;

export async function writeJobContext(path: string, context: JobContext, writer: string): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(context, null, 2)}\n`, writer);
}

/** Null when no image was worked on yet. */
export async function readJobContext(path: string): Promise<JobContext | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return jobContextSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Failure('job-inconsistent', `${path} cannot be read`, {
      subject: path,
      hint: 'Delete it; the next image that is worked on writes it again.',
      cause: error,
    });
  }
}

export function describeGraders(
  graders: readonly { readonly classifier: ExplainableClassifier; readonly role: GraderRole }[],
): ReportGrader[] {
  return graders.map(({ classifier: { spec }, role }) => ({
    id: spec.id,
    name: spec.name,
    role,
    kind: spec.kind,
    classes: spec.classes,
    inputWidth: spec.inputWidth,
    inputHeight: spec.inputHeight,
    device: spec.device,
  }));
}

export function describeLogo(logo: Logo | null): JobContext['logo'] {
  return logo === null ? null : { name: logo.name, sha256: logo.sha256 };
}
