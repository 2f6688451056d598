/**
 * A decoded image: row-major, channel-interleaved samples, in the file's stored order (EXIF orientation not applied).
 * This array is what a certificate calls "the original". Channels: 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA.
 * 8-bit samples live in a Uint8Array, 16-bit samples in a Uint16Array.
 */
export type Raster = Raster8 | Raster16;

interface RasterShape {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

export interface Raster8 extends RasterShape {
  readonly bitDepth: 8;
  readonly data: Uint8Array;
}

export interface Raster16 extends RasterShape {
  readonly bitDepth: 16;
  readonly data: Uint16Array;
}

/** Number of channels that carry colour, alpha left out. */
export function colourChannels(raster: Raster): 1 | 3 {
  return raster.channels <= 2 ? 1 : 3;
}

/** A raster of the same shape and depth over other samples. */
export function withSamples(raster: Raster, data: Uint8Array | Uint16Array): Raster {
  if (data.length !== raster.data.length) {
    throw new RangeError(`expected ${raster.data.length} samples, got ${data.length}`);
  }
  if (raster.bitDepth === 8 && data instanceof Uint8Array) return { ...raster, data };
  if (raster.bitDepth === 16 && data instanceof Uint16Array) return { ...raster, data };
  throw new TypeError(`samples of another depth than the raster's ${raster.bitDepth} bits`);
}

/** An independent copy. */
export function copyRaster(raster: Raster): Raster {
  return withSamples(raster, raster.data.slice());
}
