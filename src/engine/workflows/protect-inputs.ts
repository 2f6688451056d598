import { parsePipeline, type ConsumerPipeline } from '../../ml/imaging/pipelines.ts';
import { loadAnnotations, type AnnotationSource } from '../../ml/lesions/annotations/load-annotations.ts';
import { openLesionNetwork, type LesionFinder } from '../../ml/lesions/network/open-lesion-network.ts';
import type { ExplainableClassifier } from '../../ml/models/classifier.ts';
import { loadLogo, type Logo } from '../../ml/watermark/logo.ts';
import { Failure } from '../../shared/failure.ts';
import type { ProtectJob } from '../../shared/protect-job.ts';
import type { GraderRole } from '../../shared/transfer.ts';
import { bundledLesionNetwork } from './bundled-lesion-network.ts';
import { usesLesionNetwork, zoneMaker, type ZoneMaker } from './image-zone.ts';
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
  const annotations = await openAnnotations(job);
  const pipelines = withDirect(job.verifyPipelines).map((id) => parsePipeline(id));
  for (const id of job.settings.search.pipelines) parsePipeline(id);
  const surrogates = await openGraders(job.surrogates, job.threads);
  let victims: ExplainableClassifier[] = [];
  let network: LesionFinder | null = null;
  try {
    victims = await openGraders(job.victims, job.threads);
    if (usesLesionNetwork(job))
      network = await openLesionNetwork(job.lesionNetwork ?? bundledLesionNetwork, job.threads);
  } catch (error) {
    for (const grader of [...surrogates, ...victims]) grader.dispose();
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
    zoneOf: zoneMaker(job, annotations, surrogates, network),
    gradeOf: (path) => labels?.gradeOf(path) ?? null,
    dispose() {
      for (const grader of [...surrogates, ...victims]) grader.dispose();
      void network?.release();
    },
  };
}

/** @throws Failure usage when the job asks for a zone of annotations and names none */
async function openAnnotations({ annotations, zoneSource }: ProtectJob): Promise<AnnotationSource | null> {
  if (zoneSource === 'network' || zoneSource === 'grad-cam') return null;
  if (annotations !== null) return loadAnnotations(annotations);
  if (zoneSource !== 'annotations') return null;
  throw new Failure('usage', 'a zone of annotations needs annotations', {
    subject: '--zone',
    hint: 'Give --annotations PATH, or --zone network.',
  });
}

/** The certificate states the surrogates' answers without any pipeline, so `direct` is always measured. */
function withDirect(pipelines: readonly string[]): string[] {
  return [...new Set(['direct', ...pipelines])];
}
