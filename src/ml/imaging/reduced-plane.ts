import type { BinaryMask } from './plane.ts';
import type { Raster } from './raster.ts';
import { colourChannels } from './raster.ts';

/** A photograph reduced by an integer factor, as distance to its background colour. */
export interface ReducedPlane {
  readonly width: number;
  readonly height: number;
  /** Native pixels a side of a reduced pixel; the last row and column may cover fewer. */
  readonly factor: number;
  /** Colour of what surrounds the field, 0..1 a channel; undefined where the corners show no common background. */
  readonly background: readonly number[] | undefined;
  /** Largest channel distance to the background, 0..1 (to black when there is none). */
  readonly contrast: Float32Array;
  /** Standard deviation of the brightness under the mask (undefined: everywhere), 0..1. */
  texture(mask: BinaryMask | undefined): number;
}

const longestSide = 400;
/** A corner darker than this is background, whatever the other corners are: fields are often cut on one or two sides. */
const darkCorner = 0.15;

/** Averages blocks of pixels and measures them against the background seen in the corners. */
export function reduceContrast(raster: Raster): ReducedPlane {
  const factor = Math.max(1, Math.ceil(Math.max(raster.width, raster.height) / longestSide));
  const width = Math.ceil(raster.width / factor);
  const height = Math.ceil(raster.height / factor);
  const colours = colourChannels(raster);
  const planes = reduce(raster, factor, width, height, colours);
  const background = backgroundOf(planes, width, height, colours);
  const reference = background ?? new Array<number>(colours).fill(0);
  const contrast = new Float32Array(width * height);
  const brightness = new Float32Array(width * height);
  for (let p = 0; p < contrast.length; p++) {
    let distance = 0;
    let sum = 0;
    for (let c = 0; c < colours; c++) {
      const value = planes[p * colours + c];
      const difference = Math.abs(value - reference[c]);
      if (difference > distance) distance = difference;
      sum += value;
    }
    contrast[p] = distance;
    brightness[p] = sum / colours;
  }
  const texture = (mask: BinaryMask | undefined): number => {
    let n = 0;
    let sum = 0;
    let squares = 0;
    for (let p = 0; p < contrast.length; p++) {
      if (mask !== undefined && mask.data[p] === 0) continue;
      const value = brightness[p];
      n++;
      sum += value;
      squares += value * value;
    }
    return n === 0 ? 0 : Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
  };
  return { width, height, factor, background, contrast, texture };
}

function reduce(
  raster: Raster,
  factor: number,
  width: number,
  height: number,
  colours: number,
): Float32Array {
  const out = new Float32Array(width * height * colours);
  const scale = raster.bitDepth === 8 ? 255 : 65_535;
  const { channels, data } = raster;
  for (let y = 0; y < raster.height; y++) {
    const row = Math.floor(y / factor) * width * colours;
    for (let x = 0; x < raster.width; x++) {
      const to = row + Math.floor(x / factor) * colours;
      const from = (y * raster.width + x) * channels;
      for (let c = 0; c < colours; c++) out[to + c] += data[from + c];
    }
  }
  for (let y = 0; y < height; y++) {
    const rows = Math.min(factor, raster.height - y * factor);
    for (let x = 0; x < width; x++) {
      const columns = Math.min(factor, raster.width - x * factor);
      for (let c = 0; c < colours; c++) out[(y * width + x) * colours + c] /= rows * columns * scale;
    }
  }
  return out;
}

/** Median colour of the dark corners; without dark corners the corners' common colour (a white page), else undefined. */
function backgroundOf(
  planes: Float32Array,
  width: number,
  height: number,
  colours: number,
): number[] | undefined {
  const side = Math.max(2, Math.round(Math.min(width, height) * 0.03));
  const corners = [
    [0, 0],
    [width - side, 0],
    [0, height - side],
    [width - side, height - side],
  ].map(([x, y]) => cornerOf(planes, width, colours, x, y, side));
  const dark = corners.filter((corner) => Math.max(...corner.median) < darkCorner);
  if (dark.length > 0) return averageOf(dark.map((corner) => corner.median));
  const common = averageOf(corners.map((corner) => corner.median));
  const alike = corners.every(
    (corner) => corner.spread < 0.02 && corner.median.every((v, c) => Math.abs(v - common[c]) < 0.02),
  );
  return alike ? common : undefined;
}

interface Corner {
  readonly median: number[];
  readonly spread: number;
}

function cornerOf(
  planes: Float32Array,
  width: number,
  colours: number,
  left: number,
  top: number,
  side: number,
): Corner {
  const median: number[] = [];
  let spread = 0;
  for (let c = 0; c < colours; c++) {
    const values: number[] = [];
    for (let y = top; y < top + side; y++) {
      for (let x = left; x < left + side; x++) values.push(planes[(y * width + x) * colours + c]);
    }
    values.sort((a, b) => a - b);
    median.push(values[values.length >> 1]);
    spread = Math.max(
      spread,
      values[Math.floor(values.length * 0.9)] - values[Math.floor(values.length * 0.1)],
    );
  }
  return { median, spread };
}

function averageOf(colours: readonly (readonly number[])[]): number[] {
  return colours[0].map((_, c) => colours.reduce((sum, colour) => sum + colour[c], 0) / colours.length);
}
