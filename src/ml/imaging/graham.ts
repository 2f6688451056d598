import type { Raster, Raster8 } from './raster.ts';
import { planResample, resampleRows } from './resample.ts';
import { toSamples8 } from './quantise.ts';
import { floatRowsOf } from './to-rgb.ts';

/** Radius in pixels every retina is scaled to first. */
const scale = 300;

/**
 * Preprocessing of B. Graham's winning entry ("Kaggle diabetic retinopathy detection competition report", 2015) on 8-bit RGB:
 * scale the retina to a radius of 300 px, subtract the local average colour (Gaussian, sigma = radius / 30), times 4, plus
 * 128, and grey outside 90 % of the radius around the centre of the frame. His resize is antialiased here.
 */
export function grahamPreprocessing(picture: Raster): Raster8 {
  const factor = scale / retinaRadius(picture);
  const width = Math.max(1, Math.round(picture.width * factor));
  const height = Math.max(1, Math.round(picture.height * factor));
  const plan = planResample(picture.width, picture.height, width, height, 'bilinear');
  const scaled = toSamples8(resampleRows(plan, 3, floatRowsOf(picture)));
  const average = gaussianBlur(scaled, scale / 30);
  const out = new Uint8ClampedArray(scaled.data.length);
  const limit = (0.9 * scale) ** 2;
  const cx = Math.floor(width / 2);
  const cy = Math.floor(height / 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = (x - cx) ** 2 + (y - cy) ** 2 <= limit;
      for (let c = 0; c < 3; c++) {
        const at = (y * width + x) * 3 + c;
        out[at] = inside ? 4 * scaled.data[at] - 4 * average[at] + 128 : 128;
      }
    }
  }
  return { width, height, channels: 3, bitDepth: 8, data: new Uint8Array(out.buffer) };
}

/** His estimate: half the pixels of the middle row that are brighter than a tenth of the row's mean (sum of channels). */
function retinaRadius({ width, height, data }: Raster): number {
  const row = Math.floor(height / 2) * width;
  const sums = Array.from({ length: width }, (_, x) => {
    const at = (row + x) * 3;
    return data[at] + data[at + 1] + data[at + 2];
  });
  const mean = sums.reduce((total, value) => total + value, 0) / width;
  const radius = sums.filter((value) => value > mean / 10).length / 2;
  // A black middle row tells nothing; bounding the factor keeps a hostile picture from growing without limit.
  return Math.max(radius, Math.max(width, height) / 16);
}

/** Separable, cut at 3 sigma, borders mirrored without repeating the edge (OpenCV's default), rounded to 8 bits at the end. */
function gaussianBlur({ width, height, data }: Raster8, sigma: number): Uint8ClampedArray {
  const reach = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = kernel.reduce((total, value) => total + value, 0);
  const weights = Float32Array.from(kernel, (value) => value / sum);
  const rows = new Float32Array(data.length);
  const columns = mirrored(width, reach);
  for (let y = 0; y < height; y++) {
    const start = y * width * 3;
    for (let x = 0; x < width; x++) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0; k < weights.length; k++) {
        const at = start + columns[x + k] * 3;
        r += weights[k] * data[at];
        g += weights[k] * data[at + 1];
        b += weights[k] * data[at + 2];
      }
      rows.set([r, g, b], start + x * 3);
    }
  }
  const out = new Uint8ClampedArray(data.length);
  const lines = mirrored(height, reach);
  const stride = width * 3;
  const line = new Float32Array(stride);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    for (let k = 0; k < weights.length; k++) {
      const start = lines[y + k] * stride;
      for (let s = 0; s < stride; s++) line[s] += weights[k] * rows[start + s];
    }
    out.set(line, y * stride);
  }
  return out;
}

/** Source index of each index -reach .. length - 1 + reach, reflected at the first and last sample. */
function mirrored(length: number, reach: number): Int32Array {
  const period = Math.max(1, 2 * (length - 1));
  return Int32Array.from({ length: length + 2 * reach }, (_, i) => {
    const at = (((i - reach) % period) + period) % period;
    return Math.min(at, period - at, length - 1);
  });
}
