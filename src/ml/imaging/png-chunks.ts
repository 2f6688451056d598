import { crc32, deflateSync } from 'node:zlib';
import type { EmbeddableMetadata } from './embeddable-metadata.ts';

/** Chunks of our own that an encoder may have written already. */
const replaced = new Set(['iCCP', 'sRGB', 'gAMA', 'cHRM', 'eXIf', 'pHYs', 'iTXt', 'tEXt', 'zTXt', 'tIME']);

/**
 * The PNG with metadata chunks (iCCP, eXIf, iTXt with XMP, pHYs; PNG third edition) after its header, and no others; the
 * chunks with pixels are taken over byte by byte.
 */
export function withPngMetadata(png: Uint8Array, metadata: EmbeddableMetadata | null): Buffer {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const parts: Buffer[] = [bytes.subarray(0, 8)];
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (!replaced.has(type)) parts.push(bytes.subarray(at, end));
    if (type === 'IHDR' && metadata !== null) parts.push(...metadataChunks(metadata));
    at = end;
  }
  return Buffer.concat(parts);
}

function metadataChunks({ icc, exif, xmp, density }: EmbeddableMetadata): Buffer[] {
  const chunks: Buffer[] = [];
  if (icc !== null)
    chunks.push(chunk('iCCP', Buffer.concat([Buffer.from('ICC profile\0\0', 'latin1'), deflateSync(icc)])));
  if (density !== null) {
    const perMetre = Math.min(0x7fff_ffff, Math.round(density / 0.0254));
    const data = Buffer.alloc(9);
    data.writeUInt32BE(perMetre, 0);
    data.writeUInt32BE(perMetre, 4);
    data.writeUInt8(1, 8);
    chunks.push(chunk('pHYs', data));
  }
  if (exif !== null) chunks.push(chunk('eXIf', exif));
  if (xmp !== null)
    chunks.push(chunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), xmp])));
  return chunks;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const name = Buffer.from(type, 'latin1');
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  name.copy(out, 4);
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}
