import type { FloatImage } from './plane.ts';
import type { Raster } from './raster.ts';

/**
 * The picture as a consumer's program sees it: three channels, values in [0, 1] (sample / 255 or / 65535), grey repeated, alpha dropped.
 */
export function toRgbFloat(raster: Raster): FloatImage {
  const { width, height } = raster;
  const rowOf = floatRowsOf(raster);
  const data = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) data.set(rowOf(y), y * width * 3);
  return { width, height, channels: 3, data };
}

/** Single rows of `toRgbFloat`, for large pictures; the array is reused, so a row must be read before the next is asked for. */
export function floatRowsOf({ width, channels, bitDepth, data }: Raster): (y: number) => Float32Array {
  const row = new Float32Array(width * 3);
  const scale = bitDepth === 8 ? 255 : 65_535;
  const green = channels <= 2 ? 0 : 1;
  const blue = channels <= 2 ? 0 : 2;
  return (y) => {
    for (let x = 0, from = y * width * channels, to = 0; x < width; x++, from += channels, to += 3) {
      row[to] = data[from] / scale;
      row[to + 1] = data[from + green] / scale;
      row[to + 2] = data[from + blue] / scale;
    }
    return row;
  };
}

/** An 8-bit RGB copy (16 bits reduced by v / 257, rounded; grey repeated; alpha dropped): what 8-bit consumers start from. */
export function toRgb8({ width, height, channels, bitDepth, data }: Raster): {
  width: number;
  height: number;
  data: Uint8Array;
} {
  const pixels = width * height;
  const out = new Uint8Array(pixels * 3);
  const green = channels <= 2 ? 0 : 1;
  const blue = channels <= 2 ? 0 : 2;
  // 65535 = 255 * 257; adding 128 rounds to nearest, and no 16-bit value lies in the middle (257 is odd).
  const [offset, divisor] = bitDepth === 8 ? [0, 1] : [128, 257];
  for (let p = 0, from = 0, to = 0; p < pixels; p++, from += channels, to += 3) {
    out[to] = (data[from] + offset) / divisor;
    out[to + 1] = (data[from + green] + offset) / divisor;
    out[to + 2] = (data[from + blue] + offset) / divisor;
  }
  return { width, height, data: out };
}
