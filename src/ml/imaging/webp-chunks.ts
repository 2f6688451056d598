import type { EmbeddableMetadata } from './embeddable-metadata.ts';

/**
 * A lossless WebP (RIFF with one VP8L chunk) in the extended layout with metadata chunks ICCP, EXIF, XMP (WebP container
 * specification). `alpha` states whether the raster has an alpha channel: encoders drop the statement when every pixel is opaque,
 * and a decoder would then give three channels instead of four.
 */
export function withWebpMetadata(
  webp: Uint8Array,
  size: { readonly width: number; readonly height: number },
  alpha: boolean,
  metadata: EmbeddableMetadata | null,
): Buffer {
  const pixels = Buffer.from(pixelChunk(webp));
  // The header of VP8L: signature, 14 bits width - 1, 14 bits height - 1, then the hint whether alpha is used.
  pixels[4] = alpha ? pixels[4] | 0x10 : pixels[4] & ~0x10;
  const { icc = null, exif = null, xmp = null } = metadata ?? {};
  const header = Buffer.alloc(10);
  header[0] =
    (icc === null ? 0 : 0x20) | (alpha ? 0x10 : 0) | (exif === null ? 0 : 0x08) | (xmp === null ? 0 : 0x04);
  header.writeUIntLE(size.width - 1, 4, 3);
  header.writeUIntLE(size.height - 1, 7, 3);
  const chunks = [riffChunk('VP8X', header)];
  if (icc !== null) chunks.push(riffChunk('ICCP', icc));
  chunks.push(riffChunk('VP8L', pixels));
  if (exif !== null) chunks.push(riffChunk('EXIF', exif));
  if (xmp !== null) chunks.push(riffChunk('XMP ', xmp));
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks]);
  const riff = Buffer.alloc(8);
  riff.write('RIFF', 0, 'latin1');
  riff.writeUInt32LE(body.length, 4);
  return Buffer.concat([riff, body]);
}

function pixelChunk(webp: Uint8Array): Uint8Array {
  const bytes = Buffer.from(webp.buffer, webp.byteOffset, webp.byteLength);
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'VP8L') return bytes.subarray(at + 8, at + 8 + length);
    at += 8 + length + (length & 1);
  }
  throw new Error('the encoder wrote no lossless WebP');
}

function riffChunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(8 + data.length + (data.length & 1));
  out.write(type, 0, 'latin1');
  out.writeUInt32LE(data.length, 4);
  out.set(data, 8);
  return out;
}
