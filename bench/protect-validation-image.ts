import type { FieldOfView } from '../src/ml/imaging/field-of-view.ts';
import type { Raster } from '../src/ml/imaging/raster.ts';
import { decodeImage } from '../src/ml/imaging/read-image.ts';
import { encodeLossless } from '../src/ml/imaging/write-image.ts';
import type { ExplainableClassifier } from '../src/ml/models/classifier.ts';
import { deriveSeed } from '../src/ml/random.ts';
import type { Logo } from '../src/ml/watermark/logo.ts';
import { protectImage } from '../src/ml/watermark/protect-image.ts';
import type { ProtectOutcome } from '../src/ml/watermark/protected-image.ts';
import { presetSettings } from '../src/shared/presets.ts';
import type { Preset } from '../src/shared/settings.ts';
import { hashString } from './hash-string.ts';
import { salientZone, type ValidationImage } from './validation-images.ts';

export interface ProtectedValidationImage {
  readonly outcome: Extract<ProtectOutcome, { kind: 'protected' }>;
  readonly fieldOfView: FieldOfView;
  /** The pixels as they are read again from the encoded PNG. */
  readonly written: Raster;
}

/**
 * A validation image under a preset's marks against the surrogates, its label as reference, the hottest part of the first
 * surrogate's Grad-CAM forbidden. Null where no mark has room.
 */
export async function protectValidationImage(
  image: ValidationImage,
  preset: Preset,
  surrogates: readonly ExplainableClassifier[],
  logo: Logo,
  seed: number,
): Promise<ProtectedValidationImage | null> {
  const { fieldOfView, zone } = await salientZone(surrogates[0], image);
  const settings = { preset, seed: deriveSeed(seed, hashString(image.file)), ...presetSettings(preset) };
  const outcome = await protectImage({
    original: image.raster,
    fieldOfView,
    zone,
    label: image.grade,
    logo: settings.mark.kind === 'logo' ? logo : null,
    surrogates,
    settings,
  });
  if (outcome.kind === 'no-room') return null;
  const png = await encodeLossless(outcome.protected, 'png', null);
  const { raster: written } = await decodeImage(png, image.file);
  return { outcome, fieldOfView, written };
}
