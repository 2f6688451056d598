import type { FieldOfView } from '../imaging/field-of-view.ts';
import { colourChannels, type Raster } from '../imaging/raster.ts';
import type { ForbiddenZone } from '../lesions/zone.ts';
import { type MarkShape, opacityAt } from './mark-shape.ts';

/** Marks fainter than this hardly tell a reader that the image is protected. */
const FAINTEST = 0.2;

/**
 * The largest opacity cap (0..255, at most `cap`) at which `count` marks of a shape, laid over average lesion-free retina
 * of this image, should keep the whole image's PSNR at `floor` dB with an ink texture of amplitude `texture` (0..0.5). Dark photographs take less white ink than bright ones. An
 * estimate: `fitToPsnr` settles it once the places are known.
 */
export function opacityForPsnr(
  original: Raster,
  fieldOfView: FieldOfView,
  zone: ForbiddenZone,
  shape: MarkShape,
  count: number,
  cap: number,
  texture: number,
  floor: number,
): number {
  const contrast = meanSquaredContrast(original, fieldOfView, zone, texturedInk(shape, texture));
  let squaredOpacity = 0;
  for (let p = 0; p < shape.matte.length; p++) squaredOpacity += (opacityAt(shape, p, cap) / 255) ** 2;
  const error = (count * squaredOpacity * contrast) / (original.width * original.height);
  return weakened(cap, 10 * Math.log10(1 / error), floor);
}

/** The opacity cap that brings a measured PSNR up to the floor: the error grows with the square of the opacity. */
export function weakened(cap: number, psnr: number, floor: number): number {
  if (psnr >= floor) return cap;
  const faintest = Math.min(cap, Math.round(FAINTEST * 255));
  return Math.max(faintest, Math.floor(cap * 10 ** ((psnr - floor) / 20)));
}

/** Mean of (ink - host)^2 over the allowed pixels of the field, samples in 0..1, ink averaged over the matte. */
function meanSquaredContrast(
  original: Raster,
  fieldOfView: FieldOfView,
  zone: ForbiddenZone,
  ink: readonly number[],
): number {
  const { data, channels, bitDepth } = original;
  const colours = colourChannels(original);
  const full = bitDepth === 16 ? 65535 : 255;
  let sum = 0;
  let samples = 0;
  for (let p = 0; p < zone.mask.data.length; p++) {
    if (zone.mask.data[p] || !fieldOfView.mask.data[p]) continue;
    for (let c = 0; c < colours; c++) sum += (ink[c] - data[p * channels + c] / full) ** 2;
    samples += colours;
  }
  return samples === 0 ? 0 : sum / samples;
}

/** A texture of amplitude r leaves white ink r/2 darker on average, and black ink lighter: it can only turn inwards. */
function texturedInk(shape: MarkShape, texture: number): readonly number[] {
  return meanInk(shape).map((value) => Math.min(1 - texture / 2, Math.max(texture / 2, value)));
}

function meanInk({ matte, ink }: MarkShape): readonly [number, number, number] {
  const mean: [number, number, number] = [0, 0, 0];
  let weight = 0;
  for (let p = 0; p < matte.length; p++) {
    weight += matte[p];
    for (let c = 0; c < 3; c++) mean[c] += (matte[p] * ink[p * 3 + c]) / 255;
  }
  return [mean[0] / weight, mean[1] / weight, mean[2] / weight];
}
