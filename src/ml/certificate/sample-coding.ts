import { constants, deflateSync, inflateSync } from 'node:zlib';
import type { Raster } from '../imaging/raster.ts';
import type { SilhouetteMap } from './silhouette-map.ts';

/**
 * The original samples under the silhouette, compressed: for each channel in turn, pixels in row-major order, the
 * difference to the sample before (0 before the first) modulo 2^bitDepth. 8-bit differences are one byte; of 16-bit
 * differences a channel holds all high bytes, then all low bytes. The whole is one zlib stream (RFC 1950).
 * Retinas are smooth, so differences along rows take about half the room of the samples, and less than differences to
 * the textured mark.
 */
export function packSamples(raster: Raster, { runs, pixels }: SilhouetteMap): Buffer {
  const { channels, data, bitDepth } = raster;
  const wide = bitDepth === 16;
  const packed = Buffer.alloc(pixels * channels * (wide ? 2 : 1));
  let base = 0;
  for (let channel = 0; channel < channels; channel++) {
    let before = 0;
    let at = base;
    for (let index = 0; index < runs.length; index += 2) {
      const end = runs[index] + runs[index + 1];
      for (let pixel = runs[index]; pixel < end; pixel++, at++) {
        const sample = data[pixel * channels + channel];
        const difference = sample - before;
        before = sample;
        if (wide) {
          packed[at] = (difference >> 8) & 0xff;
          packed[at + pixels] = difference & 0xff;
        } else packed[at] = difference & 0xff;
      }
    }
    base += wide ? 2 * pixels : pixels;
  }
  // Level 9 takes ten times as long on smooth images and saves a twentieth.
  const compressed = deflateSync(packed, { level: 6, strategy: constants.Z_FILTERED });
  packed.fill(0);
  return compressed;
}

/**
 * Writes packed samples into `target` (the samples of a raster of that shape) at the silhouette. False, with `target`
 * untouched, when the stream is damaged or of another length.
 */
export function unpackSamples(
  compressed: Buffer,
  raster: Pick<Raster, 'channels' | 'bitDepth'>,
  { runs, pixels }: SilhouetteMap,
  target: Uint8Array | Uint16Array,
): boolean {
  const { channels, bitDepth } = raster;
  const wide = bitDepth === 16;
  const packed = inflateExactly(compressed, pixels * channels * (wide ? 2 : 1));
  if (packed === null) return false;
  let base = 0;
  for (let channel = 0; channel < channels; channel++) {
    let before = 0;
    let at = base;
    for (let index = 0; index < runs.length; index += 2) {
      const end = runs[index] + runs[index + 1];
      for (let pixel = runs[index]; pixel < end; pixel++, at++) {
        const difference = wide ? (packed[at] << 8) | packed[at + pixels] : packed[at];
        before = (before + difference) & (wide ? 0xffff : 0xff);
        target[pixel * channels + channel] = before;
      }
    }
    base += wide ? 2 * pixels : pixels;
  }
  return true;
}

function inflateExactly(compressed: Buffer, length: number): Buffer | null {
  try {
    // The limit stops a small stream that unpacks to gigabytes.
    const bytes = inflateSync(compressed, { maxOutputLength: Math.max(length, 1) });
    return bytes.length === length ? bytes : null;
  } catch {
    return null;
  }
}
