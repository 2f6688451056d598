import { measureImage } from '../../../ml/evaluation/transfer.ts';
import { psnr } from '../../../ml/imaging/image-metrics.ts';
import { parsePipeline } from '../../../ml/imaging/pipelines.ts';
import type { ForbiddenZone } from '../../../ml/lesions/zone.ts';
import { protectImage } from '../../../ml/watermark/protect-image.ts';
import type { ProtectOutcome } from '../../../ml/watermark/protected-image.ts';
import type { Preview } from '../../../shared/contract/jobs.ts';
import type { ProtectJob } from '../../../shared/protect-job.ts';
import type { ProtectSettings } from '../../../shared/settings.ts';
import type { ImageTransfer } from '../../../shared/transfer.ts';
import type { ProtectInputs } from '../../workflows/protect-inputs.ts';
import type { PictureStore } from '../picture-store.ts';
import { shownMask, shownRaster } from '../shown-raster.ts';
import type { PreviewImage } from './preview-source.ts';

/** Trials of a preview, and steps of its texture: enough to show how the marks look, not to find the best places. */
const previewBudget = 8;
const previewTextureSteps = 2;

/** The marks of the settings on a small copy of an image, after a short search against the first surrogate. */
export async function makePreview(
  image: PreviewImage,
  zone: ForbiddenZone,
  job: ProtectJob,
  inputs: ProtectInputs,
  pictures: PictureStore,
  signal: AbortSignal,
): Promise<Preview> {
  const started = performance.now();
  const { small, orientation, size } = image;
  const of = orientation >= 5 ? { width: size.height, height: size.width } : size;
  const label = inputs.gradeOf(image.path);
  const surrogates = inputs.surrogates.slice(0, 1);
  const before = pictures.make(`preview ${image.key}`, async () => shownRaster(small, orientation), { of });
  const zonePicture = pictures.make(
    `preview zone ${image.key} ${zone.sha256}`,
    async () => shownMask(zone.mask, orientation),
    { of, lossless: true },
  );
  const outcome = await protectImage({
    original: small,
    fieldOfView: image.smallField,
    zone,
    label,
    logo: inputs.logo,
    surrogates,
    settings: shortSearch(job.settings),
    signal,
  });
  if (outcome.kind === 'no-room') {
    return { kind: 'no-room', before: await before, zone: await zonePicture, reason: outcome.reason };
  }
  const transfer = await measureImage({
    graders: surrogates.map((classifier) => ({ classifier, role: 'surrogate' as const })),
    pipelines: [parsePipeline('direct')],
    original: small,
    protected: outcome.protected,
    control: outcome.protected,
    label,
    signal,
  });
  const quality = psnr(small, outcome.protected);
  const key = `preview ${image.key} ${JSON.stringify([job.settings, inputs.logo?.sha256, zone.sha256])} ${inputs.surrogates[0]?.spec.id}`;
  return {
    kind: 'preview',
    before: await before,
    after: await pictures.make(key, async () => shownRaster(outcome.protected, orientation), { of }),
    zone: await zonePicture,
    marks: outcome.placements.length,
    missing: outcome.adapted.missing,
    psnr: Number.isFinite(quality) ? quality : null,
    inkShare: inkedShare(outcome, image),
    predictions: predictionsOf(transfer),
    seconds: (performance.now() - started) / 1000,
  };
}

function shortSearch(settings: ProtectSettings): ProtectSettings {
  const { search } = settings;
  return {
    ...settings,
    search: {
      method: settings.mark.kind === 'tiled-text' ? 'random' : 'nearest-first',
      budget: Math.min(search.budget, previewBudget),
      textureSteps: Math.min(search.textureSteps, previewTextureSteps),
      pipelines: ['direct'],
    },
  };
}

type Protected = Extract<ProtectOutcome, { kind: 'protected' }>;

/** Share of the field of view under ink. */
function inkedShare({ stamps }: Protected, { small, smallField }: PreviewImage): number {
  const inked = new Uint8Array(small.width * small.height);
  for (const { x, y, stamp } of stamps) {
    for (let i = 0; i < stamp.opacity.length; i++) {
      if (stamp.opacity[i] > 0)
        inked[(y + Math.floor(i / stamp.width)) * small.width + x + (i % stamp.width)] = 1;
    }
  }
  return inked.reduce((sum, one) => sum + one, 0) / Math.max(1, smallField.area);
}

function predictionsOf({ graders }: ImageTransfer) {
  return graders.map(({ grader, direct, pipelines: [only] }) => ({
    grader,
    before: direct.class,
    after: only.protected.class,
    confidence: softmaxAt(only.protected.logits, only.protected.class),
  }));
}

function softmaxAt(logits: readonly number[], index: number): number {
  const largest = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - largest));
  return powers[index] / powers.reduce((sum, value) => sum + value, 0);
}
