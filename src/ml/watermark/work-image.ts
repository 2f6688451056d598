import type { FieldOfView } from '../imaging/field-of-view.ts';
import type { Box, FloatImage } from '../imaging/plane.ts';
import type { Raster8, Raster } from '../imaging/raster.ts';
import { planResample, resample } from '../imaging/resample.ts';
import { toRgbFloat } from '../imaging/to-rgb.ts';
import type { Stamp } from './stamp.ts';

/** The host at the resolution the search works in: RGB in 0..1, `scale` work pixels a native pixel. */
export interface WorkImage {
  readonly image: FloatImage;
  /** Bounds of the field of view in work pixels. */
  readonly fieldOfView: Box;
  readonly scale: number;
}

/** A stamp at work resolution: opacity 0..1 and ink 0..1 (RGB), as floats. */
export interface WorkStamp {
  readonly width: number;
  readonly height: number;
  readonly opacity: Float32Array;
  readonly ink: Float32Array;
}

/** A work stamp with its top-left corner in work pixels. */
export interface PlacedWorkStamp {
  readonly x: number;
  readonly y: number;
  readonly stamp: WorkStamp;
}

/** Fields up to this diameter are searched at native resolution; larger ones are shrunk to twice the grader's input. */
const NATIVE_DIAMETER = 768;

export function toWorkImage(original: Raster, fieldOfView: FieldOfView, graderSide: number): WorkImage {
  const image = toRgbFloat(original);
  const diameter = 2 * fieldOfView.radius;
  if (diameter <= NATIVE_DIAMETER) return { image, fieldOfView: fieldOfView.bounds, scale: 1 };
  const scale = Math.min(1, (2 * graderSide) / diameter);
  const width = Math.round(image.width * scale);
  const height = Math.round(image.height * scale);
  const small = resample(planResample(image.width, image.height, width, height, 'area'), image);
  return { image: small, fieldOfView: shrinkBox(fieldOfView.bounds, scale, small), scale };
}

function shrinkBox(box: Box, scale: number, within: FloatImage): Box {
  const x = Math.floor(box.x * scale);
  const y = Math.floor(box.y * scale);
  return {
    x,
    y,
    width: Math.min(within.width - x, Math.ceil(box.width * scale)),
    height: Math.min(within.height - y, Math.ceil(box.height * scale)),
  };
}

/** A native stamp at work resolution; colours are averaged with the opacity as weight. */
export function toWorkStamp(stamp: Stamp, scale: number): WorkStamp {
  const { width, height } = stamp;
  const data = new Float32Array(width * height * 4);
  for (let p = 0; p < stamp.opacity.length; p++) {
    const opacity = stamp.opacity[p] / 255;
    for (let c = 0; c < 3; c++) data[p * 4 + c] = (opacity * stamp.ink[p * 3 + c]) / 255;
    data[p * 4 + 3] = opacity;
  }
  const premultiplied: FloatImage = { width, height, channels: 4, data };
  const workWidth = Math.max(1, Math.round(width * scale));
  const workHeight = Math.max(1, Math.round(height * scale));
  const small =
    scale === 1
      ? premultiplied
      : resample(planResample(width, height, workWidth, workHeight, 'area'), premultiplied);
  return unpremultiplied(small);
}

/** Copies the host and blends stamps into it; parts of a stamp outside the image are dropped. */
export function blendWork(host: FloatImage, stamps: readonly PlacedWorkStamp[]): FloatImage {
  const data = host.data.slice();
  for (const placed of stamps) {
    visitInk(host, placed, (source, target, opacity) => {
      for (let c = 0; c < 3; c++) {
        data[target + c] += opacity * (placed.stamp.ink[source * 3 + c] - data[target + c]);
      }
    });
  }
  return { ...host, data };
}

/** Calls back for each inked pixel inside the image with the stamp's pixel index and the host's sample index. */
export function visitInk(
  host: FloatImage,
  { x, y, stamp }: PlacedWorkStamp,
  visit: (source: number, target: number, opacity: number) => void,
): void {
  for (let row = Math.max(0, -y); row < Math.min(stamp.height, host.height - y); row++) {
    for (let column = Math.max(0, -x); column < Math.min(stamp.width, host.width - x); column++) {
      const source = row * stamp.width + column;
      const opacity = stamp.opacity[source];
      if (opacity > 0) visit(source, ((y + row) * host.width + x + column) * 3, opacity);
    }
  }
}

/** The image as an 8-bit file would hold it. */
export function toRaster8(image: FloatImage): Raster8 {
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.min(255, Math.max(0, Math.round(image.data[i] * 255)));
  return { width: image.width, height: image.height, channels: 3, bitDepth: 8, data };
}

function unpremultiplied(image: FloatImage): WorkStamp {
  const pixels = image.width * image.height;
  const opacity = new Float32Array(pixels);
  const ink = new Float32Array(pixels * 3);
  for (let p = 0; p < pixels; p++) {
    const weight = image.data[p * 4 + 3];
    if (weight <= 1e-6) continue;
    opacity[p] = weight;
    for (let c = 0; c < 3; c++) ink[p * 3 + c] = image.data[p * 4 + c] / weight;
  }
  return { width: image.width, height: image.height, opacity, ink };
}
