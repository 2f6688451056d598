import { integerOf, readDirectory, readTiffHeader, viewOf } from './tiff-directory.ts';
import type { Directory } from './tiff-directory.ts';

const prefix = 'Exif\u0000\u0000';

export const exifTags = {
  stripOffsets: 273,
  orientation: 274,
  stripByteCounts: 279,
  thumbnailOffset: 0x0201,
  thumbnailLength: 0x0202,
  exifDirectory: 0x8769,
  makerNote: 0x927c,
} as const;

/** EXIF as JPEG segments and WebP chunks carry it may start with "Exif\0\0"; PNG and TIFF want the bare structure. */
export function withoutExifPrefix(exif: Uint8Array): Uint8Array {
  const hasPrefix = Buffer.from(exif.subarray(0, prefix.length)).toString('latin1') === prefix;
  return exif.slice(hasPrefix ? prefix.length : 0);
}

/**
 * A copy of an EXIF structure without pictures inside: the thumbnail (directory 1) is unlinked and its bytes zeroed, and so
 * is a maker note that holds a JPEG preview, because both would show the picture without marks. Offsets do not move, so
 * every other value stays readable. Null for a structure that points outside itself.
 */
export function exifWithoutPictures(exif: Uint8Array): Uint8Array | null {
  const copy = exif.slice();
  const header = readTiffHeader(copy);
  if (header === undefined) return null;
  const { littleEndian } = header;
  const main = readDirectory(copy, header.firstDirectory, littleEndian);
  if (main === undefined) return null;
  removeThumbnail(copy, main, littleEndian);
  const pointer = main.entries.find((entry) => entry.tag === exifTags.exifDirectory);
  const at = integerOf(copy, pointer, littleEndian);
  const details = at === undefined ? undefined : readDirectory(copy, at, littleEndian);
  const note = details?.entries.find((entry) => entry.tag === exifTags.makerNote);
  if (note !== undefined) {
    const value = copy.subarray(note.valueAt, note.valueAt + note.valueSize);
    if (containsJpeg(value)) value.fill(0);
  }
  return copy;
}

/** An EXIF structure that says nothing but the orientation. */
export function exifWithOrientation(orientation: number): Uint8Array {
  const bytes = new Uint8Array(26);
  const view = viewOf(bytes);
  bytes.set([0x49, 0x49]);
  view.setUint16(2, 42, true);
  view.setUint32(4, 8, true);
  view.setUint16(8, 1, true);
  view.setUint16(10, exifTags.orientation, true);
  view.setUint16(12, 3, true);
  view.setUint32(14, 1, true);
  view.setUint16(18, orientation, true);
  return bytes;
}

function removeThumbnail(bytes: Uint8Array, main: Directory, littleEndian: boolean): void {
  if (main.next === 0) return;
  viewOf(bytes).setUint32(main.nextAt, 0, littleEndian);
  const thumbnail = readDirectory(bytes, main.next, littleEndian);
  if (thumbnail === undefined) return;
  const value = (tag: number): number | undefined =>
    integerOf(
      bytes,
      thumbnail.entries.find((entry) => entry.tag === tag),
      littleEndian,
    );
  const ranges: (readonly [number | undefined, number | undefined])[] = [
    [value(exifTags.thumbnailOffset), value(exifTags.thumbnailLength)],
    [value(exifTags.stripOffsets), value(exifTags.stripByteCounts)],
  ];
  for (const [offset, length] of ranges) {
    // A range that reaches into the main directory would destroy it: leave such a strange file's bytes unlinked only.
    if (offset === undefined || length === undefined || offset <= main.nextAt) continue;
    bytes.fill(0, offset, offset + length);
  }
}

/** Start of image followed by a marker. */
function containsJpeg(bytes: Uint8Array): boolean {
  for (let i = 0; i + 2 < bytes.length; i++) {
    if (bytes[i] === 0xff && bytes[i + 1] === 0xd8 && bytes[i + 2] === 0xff) return true;
  }
  return false;
}
