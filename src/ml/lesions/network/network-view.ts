import type { FieldOfView } from '../../imaging/field-of-view.ts';
import type { BinaryMask, FloatImage } from '../../imaging/plane.ts';
import type { Raster } from '../../imaging/raster.ts';
import { planResample, resampleRows } from '../../imaging/resample.ts';
import { floatRowsOf } from '../../imaging/to-rgb.ts';
import { fieldMean } from './field-mean.ts';

/** Colours relative to the field's mean, and to their own neighbourhood. */
export const viewChannels = 6;

/** Diameter of the field of view in a network's view, in pixels: a microaneurysm of 50 um is about 3 pixels wide. */
export const viewDiameter = 800;

/** Standard deviations beyond this are cut off. */
const limit = 5;

/** How well a photograph is exposed, by its green channel over the field. */
export interface Exposure {
  /** Standard deviation from the local mean, as a fraction of the mean: vessels and lesions make it 0.04 to 0.2. */
  readonly detail: number;
  /** Shares of pixels that are nearly black and nearly white. */
  readonly dark: number;
  readonly glare: number;
}

/** A photograph as the lesion network sees it: every eye at one scale, free of the camera's tint and of uneven light. */
export interface NetworkView {
  readonly width: number;
  readonly height: number;
  /** `height * width * 6`: (value - mean of the field) / deviation, then (value - local mean) / deviation, each RGB; 0 outside. */
  readonly data: Float32Array;
  /** 1 inside the field of view. */
  readonly field: Uint8Array;
  readonly exposure: Exposure;
  /** The part of the photograph the view shows, in native pixels. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/**
 * Cuts a photograph to its field of view and scales that to `viewDiameter` pixels across. The local mean is taken over a
 * twentieth of the diameter, wider than any single lesion but a large haemorrhage.
 */
export function networkView(image: Raster, { mask, bounds, radius }: FieldOfView): NetworkView {
  const scale = viewDiameter / (2 * radius);
  const width = Math.max(1, Math.round(bounds.width * scale));
  const height = Math.max(1, Math.round(bounds.height * scale));
  const plan = planResample(image.width, image.height, width, height, 'bilinear', bounds);
  const colours = resampleRows(plan, 3, floatRowsOf(image));
  const field = fieldAtView(mask, bounds, width, height);
  const near = fieldMean(colours, field, viewDiameter / 20);
  const data = new Float32Array(width * height * viewChannels);
  for (let channel = 0; channel < 3; channel++) {
    standardise(colours, undefined, channel, field, data, channel);
    standardise(colours, near, channel, field, data, channel + 3);
  }
  return { width, height, data, field, exposure: exposureOf(colours, near, field), box: bounds };
}

function exposureOf(colours: FloatImage, near: FloatImage, field: Uint8Array): Exposure {
  let [count, sum, squares, dark, glare] = [0, 0, 0, 0, 0];
  for (let p = 0; p < field.length; p++) {
    if (field[p] === 0) continue;
    const green = colours.data[p * 3 + 1];
    count += 1;
    sum += green;
    squares += (green - near.data[p * 3 + 1]) ** 2;
    if (green < 0.08) dark += 1;
    if (green > 0.85) glare += 1;
  }
  const n = Math.max(1, count);
  return { detail: Math.sqrt(squares / n) / Math.max(1e-6, sum / n), dark: dark / n, glare: glare / n };
}

function fieldAtView(
  mask: BinaryMask,
  bounds: NetworkView['box'],
  width: number,
  height: number,
): Uint8Array {
  const field = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.min(mask.height - 1, Math.floor(bounds.y + ((y + 0.5) / height) * bounds.height));
    for (let x = 0; x < width; x++) {
      const column = Math.min(mask.width - 1, Math.floor(bounds.x + ((x + 0.5) / width) * bounds.width));
      field[y * width + x] = mask.data[row * mask.width + column];
    }
  }
  return field;
}

/** (value - near, or the field's mean) / standard deviation over the field, into one channel of `data`. */
function standardise(
  colours: FloatImage,
  near: FloatImage | undefined,
  channel: number,
  field: Uint8Array,
  data: Float32Array,
  target: number,
): void {
  let count = 0;
  let sum = 0;
  let squares = 0;
  const valueAt = (p: number): number =>
    colours.data[p * 3 + channel] - (near === undefined ? 0 : near.data[p * 3 + channel]);
  for (let p = 0; p < field.length; p++) {
    if (field[p] === 0) continue;
    const value = valueAt(p);
    count += 1;
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(1, count);
  const deviation = Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean * mean));
  // A channel without contrast (blue in many cameras) would only be amplified noise.
  const divisor = Math.max(deviation, near === undefined ? 0.02 : 0.008);
  for (let p = 0; p < field.length; p++) {
    if (field[p] === 0) continue;
    data[p * viewChannels + target] = Math.max(-limit, Math.min(limit, (valueAt(p) - mean) / divisor));
  }
}
