import type { FieldOfView } from '../../ml/imaging/field-of-view.ts';
import type { Raster } from '../../ml/imaging/raster.ts';
import { annotationsFor, type AnnotationSource } from '../../ml/lesions/annotations/load-annotations.ts';
import { buildForbiddenZone } from '../../ml/lesions/forbidden-zone.ts';
import { gradCamZone, type CamZone } from '../../ml/lesions/grad-cam-zone.ts';
import { findLandmarks } from '../../ml/lesions/landmarks.ts';
import type { ForbiddenZone } from '../../ml/lesions/zone.ts';
import type { ExplainableClassifier } from '../../ml/models/classifier.ts';
import { tf } from '../../ml/runtime/tensorflow.ts';
import { planResample, resample } from '../../ml/imaging/resample.ts';
import { toRgbFloat } from '../../ml/imaging/to-rgb.ts';
import { Failure } from '../../shared/failure.ts';
import type { ProtectJob } from '../../shared/protect-job.ts';

/** Where no mark may go on one image, with remarks for people. */
export type ZoneMaker = (image: {
  readonly path: string;
  readonly original: Raster;
  readonly fieldOfView: FieldOfView;
  readonly label: number | null;
}) => Promise<{ readonly zone: ForbiddenZone; readonly notes: readonly string[] }>;

/** Margin around lesions and landmarks where the user names none, as a fraction of the field's diameter. */
const defaultMargin = 0.01;

/**
 * Puts annotations, landmarks, the Grad-CAM zone and the rim of the field of view together, as the job asks for them.
 * The maker throws Failure annotation-mismatch for an image the annotations do not mention, unless the job allows that.
 */
export function zoneMaker(
  job: ProtectJob,
  annotations: AnnotationSource | null,
  surrogates: readonly ExplainableClassifier[],
): ZoneMaker {
  return async ({ path, original, fieldOfView, label }) => {
    const { width, height } = original;
    const found = annotations === null ? null : await annotationsFor(annotations, path, width, height);
    if (found?.kind === 'not-annotated' && !job.allowUnannotated) {
      throw new Failure('annotation-mismatch', `no annotation for this image: ${found.reason}`, {
        subject: path,
        hint: 'Add its annotation, or use --allow-unannotated when images without one have no lesions.',
      });
    }
    const annotated = found?.kind === 'annotated' ? found : null;
    const regions = annotated?.regions ?? [];
    const zone = buildForbiddenZone({
      width,
      height,
      fieldOfView,
      regions,
      sources: annotated?.sources ?? [],
      cam: await camZone(job, surrogates[0], original, label),
      landmarks: job.landmarks ? findLandmarks(original, fieldOfView, regions) : [],
      dilation: job.dilation ?? Math.round(defaultMargin * 2 * fieldOfView.radius),
    });
    return { zone, notes: annotated?.notes ?? [] };
  };
}

async function camZone(
  job: ProtectJob,
  surrogate: ExplainableClassifier | undefined,
  image: Raster,
  label: number | null,
): Promise<CamZone | undefined> {
  if (job.camThreshold === null || surrogate === undefined) return undefined;
  return gradCamZone(surrogate, image, label ?? (await answerOf(surrogate, image)), job.camThreshold);
}

/** The surrogate's own class for the untouched image; the lowest class at a tie. */
async function answerOf(surrogate: ExplainableClassifier, image: Raster): Promise<number> {
  const { inputWidth, inputHeight } = surrogate.spec;
  const input = resample(
    planResample(image.width, image.height, inputWidth, inputHeight, 'bilinear'),
    toRgbFloat(image),
  );
  const x = tf.tensor4d(input.data, [1, inputHeight, inputWidth, 3]);
  try {
    const logits = await surrogate.logits(x);
    const values = await logits.data();
    logits.dispose();
    return values.indexOf(Math.max(...values));
  } finally {
    x.dispose();
  }
}
