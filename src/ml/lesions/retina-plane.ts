import type { FieldOfView } from '../imaging/field-of-view.ts';
import type { Raster } from '../imaging/raster.ts';
import { planResample, resample } from '../imaging/resample.ts';
import { toRgbFloat } from '../imaging/to-rgb.ts';

/** Radius of the field of view on the reduced plane, in pixels: an optic disc is then about 38 px wide. */
export const fieldRadius = 128;

/**
 * A fundus photograph reduced to a fixed size of its field of view, illumination evened out: `bright` (red + green) and
 * `green` are in units of their local standard deviation, 0 where `inside` is 0.
 */
export interface RetinaPlane {
  readonly width: number;
  readonly height: number;
  readonly inside: Uint8Array;
  readonly bright: Float32Array;
  readonly green: Float32Array;
  /** Native pixels per reduced pixel. */
  readonly scaleX: number;
  readonly scaleY: number;
  /** Centre of the field on the plane. */
  readonly centreX: number;
  readonly centreY: number;
}

export function retinaPlane(image: Raster, field: FieldOfView): RetinaPlane {
  const width = Math.max(8, Math.round((image.width * fieldRadius) / field.radius));
  const height = Math.max(8, Math.round((image.height * fieldRadius) / field.radius));
  const scaleX = image.width / width;
  const scaleY = image.height / height;
  const { data } = resample(
    planResample(image.width, image.height, width, height, 'area'),
    toRgbFloat(image),
  );
  const inside = new Uint8Array(width * height);
  const bright = new Float32Array(width * height);
  const green = new Float32Array(width * height);
  for (let y = 0, index = 0; y < height; y++) {
    const nativeRow = Math.min(image.height - 1, Math.floor((y + 0.5) * scaleY)) * image.width;
    for (let x = 0; x < width; x++, index++) {
      inside[index] = field.mask.data[nativeRow + Math.min(image.width - 1, Math.floor((x + 0.5) * scaleX))];
      bright[index] = data[3 * index] + data[3 * index + 1];
      green[index] = data[3 * index + 1];
    }
  }
  const shape = { width, height, inside: shrink(inside, width, height, 5) };
  return {
    ...shape,
    bright: evenOut(bright, shape),
    green: evenOut(green, shape),
    scaleX,
    scaleY,
    centreX: (field.centreX + 0.5) / scaleX - 0.5,
    centreY: (field.centreY + 0.5) / scaleY - 0.5,
  };
}

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly inside: Uint8Array;
}

/** Near-Gaussian mean (three running means) over the pixels inside the field only; 0 outside. */
export function smooth(plane: Float32Array, { width, height, inside }: Shape, sigma: number): Float32Array {
  // Three boxes of half width h have the variance h * (h + 1).
  const reach = Math.max(1, Math.round((Math.sqrt(1 + 4 * sigma * sigma) - 1) / 2));
  let sum: Float32Array = plane.map((value, index) => (inside[index] ? value : 0));
  let weight = Float32Array.from(inside);
  for (let pass = 0; pass < 3; pass++) {
    sum = boxMean(sum, width, height, reach);
    weight = boxMean(weight, width, height, reach);
  }
  return sum.map((value, index) => (inside[index] && weight[index] > 1e-6 ? value / weight[index] : 0));
}

function evenOut(plane: Float32Array, shape: Shape): Float32Array {
  const mean = smooth(plane, shape, 40);
  const difference = plane.map((value, index) => (shape.inside[index] ? value - mean[index] : 0));
  const variance = smooth(
    difference.map((value) => value * value),
    shape,
    40,
  );
  return difference.map((value, index) => value / Math.sqrt(variance[index] + 1e-6));
}

/** Mean over a square window of `reach` pixels to every side; the plane continues with zeros. */
export function boxMean(
  plane: Float32Array,
  width: number,
  height: number,
  reach: number,
): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(plane.length);
  const out = new Float32Array(plane.length);
  const scale = 1 / (2 * reach + 1);
  for (let y = 0; y < height; y++) {
    const base = y * width;
    let sum = 0;
    for (let x = -reach; x < width; x++) {
      if (x + reach < width) sum += plane[base + x + reach];
      if (x - reach - 1 >= 0) sum -= plane[base + x - reach - 1];
      if (x >= 0) rows[base + x] = sum * scale;
    }
  }
  const columns = new Float64Array(width);
  for (let y = -reach; y < height; y++) {
    const entering = (y + reach) * width;
    const leaving = (y - reach - 1) * width;
    for (let x = 0; x < width; x++) {
      if (y + reach < height) columns[x] += rows[entering + x];
      if (leaving >= 0) columns[x] -= rows[leaving + x];
      if (y >= 0) out[y * width + x] = columns[x] * scale;
    }
  }
  return out;
}

/** Clears the rim, whose glow would pass for an optic disc. */
function shrink(inside: Uint8Array, width: number, height: number, by: number): Uint8Array {
  const out = inside.slice();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const all =
        x >= by &&
        y >= by &&
        x < width - by &&
        y < height - by &&
        inside[y * width + x - by] === 1 &&
        inside[y * width + x + by] === 1 &&
        inside[(y - by) * width + x] === 1 &&
        inside[(y + by) * width + x] === 1;
      if (!all) out[y * width + x] = 0;
    }
  }
  return out;
}
