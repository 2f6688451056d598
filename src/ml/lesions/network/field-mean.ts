import type { FloatImage } from '../../imaging/plane.ts';

/**
 * Smooth local mean of each channel over the pixels of the field only (three box means, nearly Gaussian with a standard
 * deviation of about `radius / 2`), so that the dark surround does not darken the rim. 0 outside the field.
 */
export function fieldMean(image: FloatImage, field: Uint8Array, radius: number): FloatImage {
  const { width, height, channels } = image;
  const half = Math.max(1, Math.round(radius / 2));
  const weight = Float32Array.from(field);
  smooth(weight, width, height, half);
  const data = new Float32Array(image.data.length);
  const plane = new Float32Array(width * height);
  for (let channel = 0; channel < channels; channel++) {
    for (let p = 0; p < plane.length; p++) plane[p] = field[p] === 0 ? 0 : image.data[p * channels + channel];
    smooth(plane, width, height, half);
    for (let p = 0; p < plane.length; p++) {
      if (field[p] !== 0) data[p * channels + channel] = plane[p] / weight[p];
    }
  }
  return { width, height, channels, data };
}

function smooth(plane: Float32Array, width: number, height: number, half: number): void {
  const line = new Float32Array(Math.max(width, height));
  for (let round = 0; round < 3; round++) {
    for (let y = 0; y < height; y++) boxMean(plane, y * width, 1, width, half, line);
    for (let x = 0; x < width; x++) boxMean(plane, x, width, height, half, line);
  }
}

/** Sliding sum over `2 half + 1` samples of a row or column, zero beyond its ends. */
function boxMean(
  plane: Float32Array,
  start: number,
  stride: number,
  length: number,
  half: number,
  line: Float32Array,
): void {
  for (let i = 0; i < length; i++) line[i] = plane[start + i * stride];
  let sum = 0;
  for (let i = 0; i < Math.min(half, length); i++) sum += line[i];
  for (let i = 0; i < length; i++) {
    if (i + half < length) sum += line[i + half];
    if (i - half - 1 >= 0) sum -= line[i - half - 1];
    plane[start + i * stride] = sum / (2 * half + 1);
  }
}
