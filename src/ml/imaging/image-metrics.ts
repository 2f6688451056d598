import { colourChannels } from './raster.ts';
import type { Raster } from './raster.ts';

/** `gaussian`: 11 x 11 window, sigma 1.5, population covariance (the paper's); `uniform`: 7 x 7 window, sample covariance. */
export type SsimWindow = 'gaussian' | 'uniform';

/**
 * Peak signal-to-noise ratio in dB over the colour samples (alpha left out), peak = 255 or 65535. Infinity for equal samples.
 * @throws RangeError when the rasters differ in shape or depth.
 */
export function psnr(a: Raster, b: Raster): number {
  requireSameShape(a, b);
  const colours = colourChannels(a);
  let squares = 0;
  for (let p = 0; p < a.data.length; p += a.channels) {
    for (let c = 0; c < colours; c++) {
      const difference = a.data[p + c] - b.data[p + c];
      squares += difference * difference;
    }
  }
  const mean = squares / (a.width * a.height * colours);
  return mean === 0 ? Infinity : 10 * Math.log10(peakOf(a) ** 2 / mean);
}

/**
 * Structural similarity (Wang et al. 2004), mean over all full windows and colour channels, -1..1; alpha left out.
 * Agrees with scikit-image's `structural_similarity`: `gaussian` with gaussian_weights=True, sigma=1.5,
 * use_sample_covariance=False; `uniform` with its defaults.
 * @throws RangeError when the rasters differ in shape or depth or are smaller than a window.
 */
export function ssim(a: Raster, b: Raster, window: SsimWindow = 'gaussian'): number {
  requireSameShape(a, b);
  const { weights, covarianceScale } = windows[window];
  const reach = weights.length - 1;
  if (Math.min(a.width, a.height) <= reach) {
    throw new RangeError(
      `SSIM needs at least ${reach + 1} x ${reach + 1} pixels, got ${a.width} x ${a.height}`,
    );
  }
  const colours = colourChannels(a);
  let sum = 0;
  for (let top = 0; top < a.height - reach; top += tile) {
    for (let left = 0; left < a.width - reach; left += tile) {
      const rows = Math.min(tile, a.height - reach - top);
      const columns = Math.min(tile, a.width - reach - left);
      // Windows over equal samples have a similarity of exactly 1; marks leave most tiles of a photograph untouched.
      if (equalArea(a, b, left, top, columns + reach, rows + reach)) sum += rows * columns * colours;
      else {
        for (let c = 0; c < colours; c++)
          sum += tileSum(a, b, c, left, top, columns, rows, weights, covarianceScale);
      }
    }
  }
  return sum / ((a.width - reach) * (a.height - reach) * colours);
}

const tile = 64;

const windows: Readonly<Record<SsimWindow, { weights: Float64Array; covarianceScale: number }>> = {
  gaussian: { weights: gaussianWeights(1.5, 5), covarianceScale: 1 },
  uniform: { weights: new Float64Array(7).fill(1 / 7), covarianceScale: 49 / 48 },
};

function gaussianWeights(sigma: number, reach: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Sum of the similarities of the windows whose first pixel lies in the tile, for one channel. */
function tileSum(
  a: Raster,
  b: Raster,
  channel: number,
  left: number,
  top: number,
  columns: number,
  rows: number,
  weights: Float64Array,
  covarianceScale: number,
): number {
  const taps = weights.length;
  const height = rows + taps - 1;
  // Five moments a pixel after the horizontal pass: a, b, a^2, b^2, ab.
  const moments = new Float64Array(height * columns * 5);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      let from = ((top + y) * a.width + left + x) * a.channels + channel;
      let sa = 0;
      let sb = 0;
      let saa = 0;
      let sbb = 0;
      let sab = 0;
      for (let k = 0; k < taps; k++, from += a.channels) {
        const w = weights[k];
        const va = a.data[from];
        const vb = b.data[from];
        sa += w * va;
        sb += w * vb;
        saa += w * va * va;
        sbb += w * vb * vb;
        sab += w * va * vb;
      }
      const to = (y * columns + x) * 5;
      moments[to] = sa;
      moments[to + 1] = sb;
      moments[to + 2] = saa;
      moments[to + 3] = sbb;
      moments[to + 4] = sab;
    }
  }
  const c1 = (0.01 * peakOf(a)) ** 2;
  const c2 = (0.03 * peakOf(a)) ** 2;
  let sum = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let ua = 0;
      let ub = 0;
      let uaa = 0;
      let ubb = 0;
      let uab = 0;
      for (let k = 0; k < taps; k++) {
        const w = weights[k];
        const at = ((y + k) * columns + x) * 5;
        ua += w * moments[at];
        ub += w * moments[at + 1];
        uaa += w * moments[at + 2];
        ubb += w * moments[at + 3];
        uab += w * moments[at + 4];
      }
      const va = covarianceScale * (uaa - ua * ua);
      const vb = covarianceScale * (ubb - ub * ub);
      const vab = covarianceScale * (uab - ua * ub);
      sum += ((2 * ua * ub + c1) * (2 * vab + c2)) / ((ua * ua + ub * ub + c1) * (va + vb + c2));
    }
  }
  return sum;
}

function equalArea(a: Raster, b: Raster, left: number, top: number, columns: number, rows: number): boolean {
  for (let y = top; y < top + rows; y++) {
    const from = (y * a.width + left) * a.channels;
    for (let at = from; at < from + columns * a.channels; at++) if (a.data[at] !== b.data[at]) return false;
  }
  return true;
}

function peakOf(raster: Raster): number {
  return raster.bitDepth === 8 ? 255 : 65_535;
}

function requireSameShape(a: Raster, b: Raster): void {
  if (
    a.width !== b.width ||
    a.height !== b.height ||
    a.channels !== b.channels ||
    a.bitDepth !== b.bitDepth
  ) {
    const shape = (r: Raster): string => `${r.width} x ${r.height} x ${r.channels}, ${r.bitDepth} bits`;
    throw new RangeError(`images of different shapes cannot be compared: ${shape(a)} and ${shape(b)}`);
  }
}
