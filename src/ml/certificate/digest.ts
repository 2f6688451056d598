import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { Raster } from '../imaging/raster.ts';

/** SHA-256 as lower-case hex. */
export function sha256Hex(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/**
 * SHA-256 of a decoded image: the ASCII line "medlocker-pixels/1 WIDTH HEIGHT CHANNELS BITDEPTH" with its line feed,
 * then the samples row by row, channels interleaved, 16-bit samples little-endian. Lower-case hex.
 */
export function pixelHash(raster: Raster): string {
  const { width, height, channels, bitDepth } = raster;
  return sha256Hex(`medlocker-pixels/1 ${width} ${height} ${channels} ${bitDepth}\n`, sampleBytes(raster));
}

/** The samples as bytes, 16-bit samples little-endian; a view where the machine's order allows it. */
export function sampleBytes({ data }: Raster): Buffer {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return data.BYTES_PER_ELEMENT === 2 && endianness() === 'BE' ? Buffer.from(bytes).swap16() : bytes;
}
