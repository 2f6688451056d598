import { measureImage } from '../../ml/evaluation/transfer.ts';
import { findFieldOfView, type FieldOfView } from '../../ml/imaging/field-of-view.ts';
import { psnr, ssim } from '../../ml/imaging/image-metrics.ts';
import type { Raster } from '../../ml/imaging/raster.ts';
import { decodeImage } from '../../ml/imaging/read-image.ts';
import { encodeLossless } from '../../ml/imaging/write-image.ts';
import { withDrawnBoxes, type DrawnBox } from '../../ml/lesions/drawn-zone.ts';
import type { ForbiddenZone } from '../../ml/lesions/zone.ts';
import { deriveSeed } from '../../ml/random.ts';
import { protectImage } from '../../ml/watermark/protect-image.ts';
import type { ProtectOutcome } from '../../ml/watermark/protected-image.ts';
import type { PlacedStamp } from '../../ml/watermark/stamp.ts';
import type { ImageStage } from '../../shared/job-events.ts';
import type { ProtectSettings } from '../../shared/settings.ts';
import type { ImageTransfer } from '../../shared/transfer.ts';
import { hashBytes } from '../jobs/content-hash.ts';
import type { FoundInImage } from './found-in-image.ts';
import type { ProtectInputs } from './protect-inputs.ts';
import { checkSameSamples } from './written-check.ts';

export interface PixelsOptions {
  readonly stage: (stage: ImageStage) => void;
  readonly note: (message: string) => void;
  readonly signal: AbortSignal | undefined;
  /** Boxes a person has drawn on the image in a review. */
  readonly drawn?: readonly DrawnBox[] | undefined;
}

/** A protected image that has not been written yet. */
export interface ProtectedPixels {
  readonly kind: 'protected';
  readonly original: Raster;
  /** What `encoded` decodes to. */
  readonly written: Raster;
  readonly encoded: Buffer;
  readonly zone: ForbiddenZone;
  /** The zone without drawn boxes; the same where none were drawn. */
  readonly zoneBeforeDrawing: ForbiddenZone;
  readonly found: FoundInImage;
  /** Why what the lesion network saw cannot be relied on. */
  readonly doubts: readonly string[];
  readonly label: number | null;
  /** The job's settings with the image's own seed. */
  readonly settings: ProtectSettings;
  readonly outcome: Extract<ProtectOutcome, { kind: 'protected' }>;
  readonly transfer: ImageTransfer;
  readonly quality: { readonly psnr: number; readonly ssim: number; readonly fieldOfViewFraction: number };
}

export type PixelsResult = ProtectedPixels | { readonly kind: 'no-room'; readonly reason: string };

/**
 * From the bytes of a photograph to the bytes of its protected copy: decode, zone, search, encode, decode what was encoded, and measure
 * the effect on those very pixels. A pure function of bytes, inputs and path; writes nothing.
 */
export async function protectPixels(
  bytes: Uint8Array,
  path: string,
  outputName: string,
  inputs: ProtectInputs,
  { stage, note, signal, drawn = [] }: PixelsOptions,
): Promise<PixelsResult> {
  const { job } = inputs;
  stage('read');
  const { raster: original, metadata } = await decodeImage(bytes, path);
  for (const text of metadata.notes) note(`${path}: ${text}`);
  signal?.throwIfAborted();

  stage('zone');
  const fieldOfView = findFieldOfView(original);
  const label = inputs.gradeOf(path);
  const {
    zone: zoneBeforeDrawing,
    found,
    doubts,
    notes,
  } = await inputs.zoneOf({ path, original, fieldOfView, label });
  const zone = withDrawnBoxes(zoneBeforeDrawing, drawn);
  for (const text of notes) note(`${path}: ${text}`);
  signal?.throwIfAborted();

  stage('search');
  const settings: ProtectSettings = {
    ...job.settings,
    seed: deriveSeed(job.settings.seed, 'image', hashBytes(bytes)),
  };
  const outcome = await protectImage({
    original,
    fieldOfView,
    zone,
    label,
    logo: inputs.logo,
    surrogates: inputs.surrogates,
    settings,
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  if (outcome.kind === 'no-room') return outcome;

  stage('write');
  const encoded = await encodeLossless(outcome.protected, job.format, job.stripMetadata ? null : metadata);
  const { raster: written } = await decodeImage(encoded, outputName);
  checkSameSamples(outcome.protected, written);
  signal?.throwIfAborted();

  stage('measure');
  const transfer = await measureImage({
    graders: inputs.graders,
    pipelines: inputs.pipelines,
    original,
    protected: written,
    control: outcome.control,
    label,
    ...(signal === undefined ? {} : { signal }),
  });
  const quality = qualityOf(original, written, fieldOfView, outcome.stamps);
  return {
    kind: 'protected',
    original,
    written,
    encoded,
    zone,
    zoneBeforeDrawing,
    found,
    doubts,
    label,
    settings,
    outcome,
    transfer,
    quality,
  };
}

type Stamps = readonly PlacedStamp[];

/** How much of the image the marks change. */
export function qualityOf(
  original: Raster,
  written: Raster,
  fieldOfView: FieldOfView,
  stamps: Stamps,
): ProtectedPixels['quality'] {
  return {
    psnr: round(psnr(original, written), 4),
    ssim: round(ssim(original, written), 6),
    fieldOfViewFraction: round(inkedPixels(original, stamps) / fieldOfView.area, 6),
  };
}

/** Pixels under at least one mark; marks may overlap. */
function inkedPixels({ width, height }: Raster, stamps: Stamps): number {
  const inked = new Uint8Array(width * height);
  let count = 0;
  for (const { x, y, stamp } of stamps) {
    for (let index = 0; index < stamp.opacity.length; index++) {
      const pixel = (y + Math.floor(index / stamp.width)) * width + x + (index % stamp.width);
      if (stamp.opacity[index] === 0 || inked[pixel] === 1) continue;
      inked[pixel] = 1;
      count += 1;
    }
  }
  return count;
}

function round(value: number, digits: number): number {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : value;
}
