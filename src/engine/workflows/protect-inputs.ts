import { parsePipeline, type ConsumerPipeline } from '../../ml/imaging/pipelines.ts';
import { loadAnnotations } from '../../ml/lesions/annotations/load-annotations.ts';
import type { ExplainableClassifier } from '../../ml/models/classifier.ts';
import { loadLogo, type Logo } from '../../ml/watermark/logo.ts';
import { Failure } from '../../shared/failure.ts';
import type { ProtectJob } from '../../shared/protect-job.ts';
import type { GraderRole } from '../../shared/transfer.ts';
import { zoneMaker, type ZoneMaker } from './image-zone.ts';
import { readLabelFile } from './label-file.ts';
import { openGraders } from './open-graders.ts';

/** What every image of a job is worked on with; opened once. */
export interface ProtectInputs {
  readonly job: ProtectJob;
  readonly logo: Logo | null;
  readonly surrogates: readonly ExplainableClassifier[];
  readonly graders: readonly { readonly classifier: ExplainableClassifier; readonly role: GraderRole }[];
  readonly pipelines: readonly ConsumerPipeline[];
  readonly zoneOf: ZoneMaker;
  gradeOf(path: string): number | null;
  dispose(): void;
}

/**
 * Opens graders, logo, labels and annotations of a job.
 *
 * @throws Failure naming the file or setting that cannot be used
 */
export async function openProtectInputs(job: ProtectJob): Promise<ProtectInputs> {
  const logo = job.logo === null ? null : await loadLogo(job.logo);
  if (logo === null && job.settings.mark.kind === 'logo') {
    throw new Failure('usage', 'a logo file is needed for logo marks', {
      subject: '--logo',
      hint: 'Give --logo FILE.png, or --text "YOUR TEXT" for a text mark.',
    });
  }
  const labels = job.labels === null ? null : await readLabelFile(job.labels);
  const annotations = job.annotations === null ? null : await loadAnnotations(job.annotations);
  const pipelines = withDirect(job.verifyPipelines).map((id) => parsePipeline(id));
  for (const id of job.settings.search.pipelines) parsePipeline(id);
  const surrogates = await openGraders(job.surrogates, job.threads);
  let victims: ExplainableClassifier[] = [];
  try {
    victims = await openGraders(job.victims, job.threads);
  } catch (error) {
    for (const grader of surrogates) grader.dispose();
    throw error;
  }
  return {
    job,
    logo,
    surrogates,
    graders: [
      ...surrogates.map((classifier) => ({ classifier, role: 'surrogate' as const })),
      ...victims.map((classifier) => ({ classifier, role: 'victim' as const })),
    ],
    pipelines,
    zoneOf: zoneMaker(job, annotations, surrogates),
    gradeOf: (path) => labels?.gradeOf(path) ?? null,
    dispose() {
      for (const grader of [...surrogates, ...victims]) grader.dispose();
    },
  };
}

/** The certificate states the surrogates' answers without any pipeline, so `direct` is always measured. */
function withDirect(pipelines: readonly string[]): string[] {
  return [...new Set(['direct', ...pipelines])];
}
