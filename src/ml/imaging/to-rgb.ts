import type { FloatImage } from './plane.ts';
import type { Raster } from './raster.ts';

/**
 * The picture as a consumer's program sees it: three channels, values in [0, 1] (sample / 255 or / 65535), grey repeated, alpha dropped.
 */
export function toRgbFloat(raster: Raster): FloatImage {
  const { width, height, channels, data } = raster;
  const pixels = width * height;
  const scale = raster.bitDepth === 8 ? 255 : 65_535;
  const out = new Float32Array(pixels * 3);
  if (channels <= 2) {
    for (let p = 0; p < pixels; p++) out.fill((data[p * channels] ?? 0) / scale, 3 * p, 3 * p + 3);
  } else {
    for (let p = 0, from = 0, to = 0; p < pixels; p++, from += channels, to += 3) {
      out[to] = (data[from] ?? 0) / scale;
      out[to + 1] = (data[from + 1] ?? 0) / scale;
      out[to + 2] = (data[from + 2] ?? 0) / scale;
    }
  }
  return { width, height, channels: 3, data: out };
}

/** An 8-bit RGB copy (16 bits reduced by v * 255 / 65535, rounded; grey repeated; alpha dropped): what 8-bit consumers start from. */
export function toRgb8(raster: Raster): { width: number; height: number; data: Uint8Array } {
  const { width, height, channels, data } = raster;
  const pixels = width * height;
  const out = new Uint8Array(pixels * 3);
  const shade = channels <= 2 ? [0, 0, 0] : [0, 1, 2];
  // 65535 = 255 * 257, so this is exact rounding of v / 257.
  const reduce = raster.bitDepth === 8 ? (v: number) => v : (v: number) => Math.floor((v + 128) / 257);
  for (let p = 0, from = 0, to = 0; p < pixels; p++, from += channels, to += 3) {
    for (let c = 0; c < 3; c++) out[to + c] = reduce(data[from + (shade[c] ?? 0)] ?? 0);
  }
  return { width, height, data: out };
}
