import type { BinaryMask, FloatImage } from '../imaging/plane.ts';
import type { Raster } from '../imaging/raster.ts';
import { planResample, resample } from '../imaging/resample.ts';
import { toRgbFloat } from '../imaging/to-rgb.ts';
import type { ExplainableClassifier } from '../models/classifier.ts';
import { tf } from '../runtime/tensorflow.ts';
import type { ZoneSource } from './zone.ts';

/** Where a surrogate looks for one class, at the image's native resolution. */
export interface CamZone {
  readonly mask: BinaryMask;
  /** Host pixel of the strongest activation; the image's centre when the map is flat. */
  readonly peak: { readonly x: number; readonly y: number };
  /** Activation scaled to 0..1, one channel. */
  readonly heat: FloatImage;
  /** True when the surrogate gives the class no positive evidence anywhere: the mask is empty then. */
  readonly flat: boolean;
  readonly source: ZoneSource;
}

/**
 * How much of the map is protected: above a level of 0..255, as MIAD-MARK published (110, 130, 150 or 170; higher leaves
 * more room), or the hottest fraction of the image (0..1).
 */
export type CamThreshold = { readonly level: number } | { readonly topFraction: number };

/**
 * MIAD-MARK's protected region (Grad-CAM, Selvaraju et al., ICCV 2017): the map of the reference class at the grader's
 * input size, min-max scaled to 0..1, enlarged bilinearly and thresholded. Deviation: enlarged to the native resolution
 * and compared unrounded, instead of an 8-bit map of the grader's size. Throws RangeError for a threshold out of range
 * or a map that is not finite.
 */
export async function gradCamZone(
  surrogate: ExplainableClassifier,
  image: Raster,
  referenceClass: number,
  threshold: CamThreshold,
): Promise<CamZone> {
  requireThreshold(threshold);
  const map = await scaledMap(surrogate, image, referenceClass);
  const { width, height } = image;
  const { inputWidth, inputHeight, name } = surrogate.spec;
  const heat = enlarge(map.heat, width, height);
  const level =
    'level' in threshold
      ? threshold.level / 255
      : levelOfTopFraction(enlarge(map.heat, inputWidth, inputHeight).data, threshold.topFraction);
  const data = new Uint8Array(width * height);
  let hottest = -1;
  let peakIndex = 0;
  for (let index = 0; index < data.length; index++) {
    const value = heat.data[index];
    if (value > level) data[index] = 1;
    if (value > hottest) {
      hottest = value;
      peakIndex = index;
    }
  }
  const centre = { x: Math.floor(width / 2), y: Math.floor(height / 2) };
  return {
    mask: { width, height, data },
    peak: map.flat ? centre : { x: peakIndex % width, y: Math.floor(peakIndex / width) },
    heat,
    flat: map.flat,
    source: { kind: 'grad-cam', model: name, threshold: Math.round(level * 255 * 100) / 100 },
  };
}

function requireThreshold(threshold: CamThreshold): void {
  const value = 'level' in threshold ? threshold.level / 255 : threshold.topFraction;
  if (!(value >= 0 && value <= 1))
    throw new RangeError(`Grad-CAM threshold ${JSON.stringify(threshold)} is out of range`);
}

/** The class's map on the grid of the last convolution, min-max scaled to 0..1. */
async function scaledMap(
  surrogate: ExplainableClassifier,
  image: Raster,
  referenceClass: number,
): Promise<{ heat: FloatImage; flat: boolean }> {
  const { inputWidth, inputHeight, name } = surrogate.spec;
  const plan = planResample(image.width, image.height, inputWidth, inputHeight, 'bilinear');
  const input = resample(plan, toRgbFloat(image));
  const x = tf.tensor4d(input.data, [1, inputHeight, inputWidth, 3]);
  try {
    const map = await surrogate.gradCam(x, [referenceClass]);
    const [, height, width] = map.shape;
    const values = Float32Array.from(await map.data());
    map.dispose();
    const flat = stretch(values, name);
    return { heat: { width, height, channels: 1, data: values }, flat };
  } finally {
    x.dispose();
  }
}

/** Scales to 0..1 in place; a constant map becomes all zero and is reported as flat. */
function stretch(values: Float32Array, name: string): boolean {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) throw new RangeError(`the Grad-CAM map of ${name} is not finite`);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = high - low;
  for (let index = 0; index < values.length; index++)
    values[index] = range > 0 ? (values[index] - low) / range : 0;
  return !(range > 0);
}

function enlarge(heat: FloatImage, width: number, height: number): FloatImage {
  return resample(planResample(heat.width, heat.height, width, height, 'bilinear'), heat);
}

/** The smallest value that at most the given fraction of the samples exceeds. */
function levelOfTopFraction(samples: Float32Array, fraction: number): number {
  const sorted = samples.slice().sort();
  const kept = Math.floor(fraction * sorted.length);
  return kept >= sorted.length ? 0 : sorted[sorted.length - 1 - kept];
}
