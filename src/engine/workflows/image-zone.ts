import type { FieldOfView } from '../../ml/imaging/field-of-view.ts';
import type { Raster } from '../../ml/imaging/raster.ts';
import { annotationsFor, type AnnotationSource } from '../../ml/lesions/annotations/load-annotations.ts';
import { buildForbiddenZone } from '../../ml/lesions/forbidden-zone.ts';
import { gradCamZone, type CamZone } from '../../ml/lesions/grad-cam-zone.ts';
import { findLandmarks } from '../../ml/lesions/landmarks.ts';
import type { LesionFinder } from '../../ml/lesions/network/open-lesion-network.ts';
import { networkZone, type NetworkZone } from '../../ml/lesions/network/network-zone.ts';
import { readRetina, type RetinaReading } from '../../ml/lesions/network/retina-reading.ts';
import { networkClasses } from '../../ml/lesions/network/lesion-classes.ts';
import type { AnnotatedRegion } from '../../ml/lesions/annotations/regions.ts';
import type { ForbiddenZone } from '../../ml/lesions/zone.ts';
import type { ExplainableClassifier } from '../../ml/models/classifier.ts';
import { tf } from '../../ml/runtime/tensorflow.ts';
import { planResample, resample } from '../../ml/imaging/resample.ts';
import { toRgbFloat } from '../../ml/imaging/to-rgb.ts';
import { Failure } from '../../shared/failure.ts';
import type { ProtectJob } from '../../shared/protect-job.ts';
import { foundInImage, type FoundInImage } from './found-in-image.ts';

/** Where no mark may go on one image, with remarks for people. */
export type ZoneMaker = (image: {
  readonly path: string;
  readonly original: Raster;
  readonly fieldOfView: FieldOfView;
  readonly label: number | null;
}) => Promise<{
  readonly zone: ForbiddenZone;
  readonly found: FoundInImage;
  /** Why what the lesion network saw cannot be relied on; empty where it is sure or was not asked. */
  readonly doubts: readonly string[];
  readonly notes: readonly string[];
}>;

/** The part of a job that decides its zones. */
type ZoneJob = Pick<
  ProtectJob,
  'zoneSource' | 'allowUnannotated' | 'camThreshold' | 'landmarks' | 'dilation'
>;

/** Margin around lesions and landmarks where the user names none, as a fraction of the field's diameter. */
const defaultMargin = 0.01;

/** The fraction of the image that a Grad-CAM zone takes where it stands alone and nobody says how much. */
const defaultCam = { topFraction: 0.2 } as const;

/**
 * A sure network's fainter and fainter findings are added as long as no more than this share of the field is forbidden: what room marks do
 * not need is better spent on lesions nobody is sure of.
 */
const mostForbidden = 0.4;
const strictnesses = Array.from({ length: 15 }, (_, step) => Number((0.25 * 1.19 ** step).toFixed(3)));

/** Whether any image of the job may need the lesion network. */
export function usesLesionNetwork({
  zoneSource,
  annotations,
  allowUnannotated,
}: Pick<ProtectJob, 'zoneSource' | 'annotations' | 'allowUnannotated'>): boolean {
  if (zoneSource === 'auto') return annotations === null || allowUnannotated;
  return zoneSource === 'network' || zoneSource === 'union';
}

/**
 * Puts annotations, the lesion network's findings, landmarks, the Grad-CAM zone and the rim of the field of view together,
 * as the job asks for them. The maker throws Failure annotation-mismatch for an image the annotations do not mention,
 * unless the job allows that.
 */
export function zoneMaker(
  job: ZoneJob,
  annotations: AnnotationSource | null,
  surrogates: readonly ExplainableClassifier[],
  network: LesionFinder | null,
): ZoneMaker {
  return async ({ path, original, fieldOfView, label }) => {
    const { width, height } = original;
    const about = annotations === null ? null : await annotationsFor(annotations, path, width, height);
    if (about?.kind === 'not-annotated' && !job.allowUnannotated) {
      throw new Failure('annotation-mismatch', `no annotation for this image: ${about.reason}`, {
        subject: path,
        hint: 'Add its annotation, or use --allow-unannotated when images without one have no lesions.',
      });
    }
    const annotated = about?.kind === 'annotated' ? about : null;
    const needed = job.zoneSource !== 'auto' || annotated === null;
    const reading = network !== null && needed ? await readRetina(network, original, fieldOfView) : null;
    const cam = await camZone(job, surrogates[0], original, label);
    const usual = network === null || reading === null ? null : networkZone(reading, network, original, 1);
    const known = [...(annotated?.regions ?? []), ...(usual?.regions ?? [])];
    const landmarks = job.landmarks ? findLandmarks(original, fieldOfView, known) : [];
    const found = foundInImage(seenRegions(annotated?.regions ?? [], reading, usual), landmarks);
    const build = (seen: NetworkZone | null): ForbiddenZone => {
      // Around what a person marked the usual margin is kept, whatever the network adds.
      const margin = Math.max(seen?.margin ?? 0, annotated !== null || seen === null ? defaultMargin : 0);
      return buildForbiddenZone({
        width,
        height,
        fieldOfView,
        regions: [...(annotated?.regions ?? []), ...(seen?.regions ?? [])],
        sources: [...(annotated?.sources ?? []), ...(seen?.sources ?? [])],
        cam,
        landmarks,
        dilation: job.dilation ?? Math.round(margin * 2 * fieldOfView.radius),
      });
    };
    const notes = annotated?.notes ?? [];
    if (network === null || reading === null) return { zone: build(null), found, doubts: [], notes };
    const { doubts } = reading;
    const zoneAt = (strictness: number): ForbiddenZone =>
      build(networkZone(reading, network, original, strictness));
    if (doubts.length > 0) {
      const why = `lesions may be missed, so the zone is wider: ${doubts.join('; ')}`;
      return { zone: zoneAt(strictnesses[0]), found, doubts, notes: [...notes, why] };
    }
    return { zone: widestWithin(mostForbidden, zoneAt, fieldOfView), found, doubts, notes };
  };
}

/** What was marked and what the network would outline itself: the zone is wider, and would show lesions nobody sees. */
function* seenRegions(
  annotated: readonly AnnotatedRegion[],
  reading: RetinaReading | null,
  usual: NetworkZone | null,
): Generator<AnnotatedRegion> {
  yield* annotated;
  if (reading === null) return;
  for (const name of networkClasses) {
    if (name !== 'OD') yield { kind: 'mask', class: name, mask: reading.mask(name, 'mark') };
  }
  for (const region of usual?.regions ?? []) if (region.class === 'OD') yield region;
}

/** The zone of the least strictness that forbids no more than `most` of the field; the strictest one where none does. */
function widestWithin(
  most: number,
  zoneAt: (strictness: number) => ForbiddenZone,
  fieldOfView: FieldOfView,
): ForbiddenZone {
  let [low, high] = [0, strictnesses.length - 1];
  let best: ForbiddenZone | null = null;
  while (low < high) {
    const middle = (low + high) >> 1;
    const zone = zoneAt(strictnesses[middle]);
    if (forbiddenShare(zone, fieldOfView) <= most) {
      high = middle;
      best = zone;
    } else low = middle + 1;
  }
  return best ?? zoneAt(strictnesses[high]);
}

/** Share of the field of view that is forbidden, 0..1. */
function forbiddenShare({ mask }: ForbiddenZone, fieldOfView: FieldOfView): number {
  let forbidden = 0;
  for (let p = 0; p < mask.data.length; p++) forbidden += mask.data[p] & fieldOfView.mask.data[p];
  return forbidden / Math.max(1, fieldOfView.area);
}

async function camZone(
  job: ZoneJob,
  surrogate: ExplainableClassifier | undefined,
  image: Raster,
  label: number | null,
): Promise<CamZone | undefined> {
  const threshold = job.camThreshold ?? (job.zoneSource === 'grad-cam' ? defaultCam : null);
  if (threshold === null || surrogate === undefined) return undefined;
  return gradCamZone(surrogate, image, label ?? (await answerOf(surrogate, image)), threshold);
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
