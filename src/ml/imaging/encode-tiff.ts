import { endianness } from 'node:os';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { EmbeddableMetadata } from './embeddable-metadata.ts';
import type { Raster } from './raster.ts';
import { pictureTags, readDirectory, readTiffHeader, viewOf } from './tiff-directory.ts';

const compress = promisify(deflate);

/** Uncompressed bytes of a strip: small enough to be read piecemeal, large enough to compress well. */
const stripBytes = 1 << 18;

const types = { short: 3, long: 4, rational: 5, undefined: 7, byte: 1 } as const;

/**
 * A baseline TIFF 6.0 file: chunky, deflate (8) with horizontal differencing, unassociated alpha. An EXIF structure is itself a TIFF
 * file: it stands unchanged at the beginning, so that all its offsets stay right, and its tags are taken over into the
 * picture's directory, which is written last.
 */
export async function encodeTiff(raster: Raster, metadata: EmbeddableMetadata | null): Promise<Buffer> {
  const exif = metadata?.exif ?? null;
  const littleEndian = exif === null ? true : (readTiffHeader(exif)?.littleEndian ?? true);
  const start = Buffer.from(exif ?? Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0));
  const parts: Buffer[] = [start];
  let length = start.length;
  const append = (part: Uint8Array): number => {
    if (length % 2 === 1) {
      parts.push(Buffer.alloc(1));
      length++;
    }
    const at = length;
    parts.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    length += part.byteLength;
    return at;
  };

  const rowsPerStrip = Math.max(1, Math.floor(stripBytes / rowBytes(raster)));
  const offsets: number[] = [];
  const sizes: number[] = [];
  for (let row = 0; row < raster.height; row += rowsPerStrip) {
    const strip = await compress(
      differences(raster, row, Math.min(raster.height, row + rowsPerStrip), littleEndian),
    );
    offsets.push(append(strip));
    sizes.push(strip.length);
  }

  const directory = new Map<number, Buffer>();
  for (const [tag, entry] of inheritedEntries(exif, littleEndian)) directory.set(tag, entry);
  const set = (tag: number, type: number, values: readonly number[]): void => {
    directory.set(tag, numericEntry(tag, type, values, littleEndian, append));
  };
  set(256, types.long, [raster.width]);
  set(257, types.long, [raster.height]);
  set(258, types.short, new Array<number>(raster.channels).fill(raster.bitDepth));
  set(259, types.short, [8]);
  set(262, types.short, [raster.channels <= 2 ? 1 : 2]);
  set(273, types.long, offsets);
  if (metadata !== null) set(274, types.short, [metadata.orientation]);
  set(277, types.short, [raster.channels]);
  set(278, types.long, [rowsPerStrip]);
  set(279, types.long, sizes);
  if (metadata?.density != null) {
    set(282, types.rational, [metadata.density]);
    set(283, types.rational, [metadata.density]);
    set(296, types.short, [2]);
  }
  set(284, types.short, [1]);
  set(317, types.short, [2]);
  if (raster.channels % 2 === 0) set(338, types.short, [2]);
  if (metadata?.xmp != null)
    directory.set(700, bytesEntry(700, types.byte, metadata.xmp, littleEndian, append));
  if (metadata?.icc != null)
    directory.set(34_675, bytesEntry(34_675, types.undefined, metadata.icc, littleEndian, append));

  const entries = [...directory].sort(([a], [b]) => a - b).map(([, entry]) => entry);
  const count = Buffer.alloc(2);
  if (littleEndian) count.writeUInt16LE(entries.length);
  else count.writeUInt16BE(entries.length);
  const at = append(Buffer.concat([count, ...entries, Buffer.alloc(4)]));
  viewOf(start).setUint32(4, at, littleEndian);
  return Buffer.concat(parts);
}

function rowBytes(raster: Raster): number {
  return raster.width * raster.channels * (raster.bitDepth / 8);
}

/** Rows with every sample replaced by its difference to the sample of the same channel before it, in the file's byte order. */
function differences(raster: Raster, from: number, to: number, littleEndian: boolean): Buffer {
  const { width, channels, data } = raster;
  const samples = width * channels;
  const out =
    raster.bitDepth === 8 ? new Uint8Array((to - from) * samples) : new Uint16Array((to - from) * samples);
  for (let row = from; row < to; row++) {
    const source = row * samples;
    const target = (row - from) * samples;
    for (let s = 0; s < channels; s++) out[target + s] = data[source + s];
    for (let s = channels; s < samples; s++) out[target + s] = data[source + s] - data[source + s - channels];
  }
  const bytes = Buffer.from(out.buffer, out.byteOffset, out.byteLength);
  return raster.bitDepth === 16 && littleEndian !== (endianness() === 'LE') ? bytes.swap16() : bytes;
}

/** The 12 raw bytes of the entries of the EXIF's first directory; values they point to stay where they are. */
function inheritedEntries(exif: Uint8Array | null, littleEndian: boolean): [number, Buffer][] {
  const header = exif === null ? undefined : readTiffHeader(exif);
  if (exif === null || header === undefined) return [];
  const directory = readDirectory(exif, header.firstDirectory, littleEndian);
  return (directory?.entries ?? [])
    .filter((entry) => !pictureTags.has(entry.tag))
    .map((entry) => [entry.tag, Buffer.from(exif.slice(entry.at, entry.at + 12))]);
}

function numericEntry(
  tag: number,
  type: number,
  values: readonly number[],
  littleEndian: boolean,
  append: (part: Uint8Array) => number,
): Buffer {
  const size = type === types.short ? 2 : type === types.long ? 4 : 8;
  const data = Buffer.alloc(size * values.length);
  const view = viewOf(data);
  values.forEach((value, i) => {
    if (type === types.short) view.setUint16(i * 2, value, littleEndian);
    else if (type === types.long) view.setUint32(i * 4, value, littleEndian);
    else {
      view.setUint32(i * 8, Math.round(value * 1000), littleEndian);
      view.setUint32(i * 8 + 4, 1000, littleEndian);
    }
  });
  return rawEntry(tag, type, values.length, data, littleEndian, append);
}

function bytesEntry(
  tag: number,
  type: number,
  data: Uint8Array,
  littleEndian: boolean,
  append: (part: Uint8Array) => number,
): Buffer {
  return rawEntry(tag, type, data.length, data, littleEndian, append);
}

function rawEntry(
  tag: number,
  type: number,
  count: number,
  data: Uint8Array,
  littleEndian: boolean,
  append: (part: Uint8Array) => number,
): Buffer {
  const entry = Buffer.alloc(12);
  const view = viewOf(entry);
  view.setUint16(0, tag, littleEndian);
  view.setUint16(2, type, littleEndian);
  view.setUint32(4, count, littleEndian);
  if (data.length <= 4) entry.set(data, 8);
  else view.setUint32(8, append(data), littleEndian);
  return entry;
}
