/** An entry of a TIFF image file directory (TIFF 6.0, section 2); EXIF uses the same structure. */
export interface DirectoryEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Where the 12 bytes of the entry lie. */
  readonly at: number;
  /** Where its value lies (inside the entry when it fits into 4 bytes) and how many bytes it has. */
  readonly valueAt: number;
  readonly valueSize: number;
}

export interface Directory {
  readonly entries: readonly DirectoryEntry[];
  /** Where the offset of the next directory is stored, and that offset; 0 = none. */
  readonly nextAt: number;
  readonly next: number;
}

export interface TiffHeader {
  readonly littleEndian: boolean;
  readonly firstDirectory: number;
}

/** Tags that describe the stored picture or hold previews and foreign blocks: never taken over from or into EXIF. */
export const pictureTags: ReadonlySet<number> = new Set([
  254, 255, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 280, 281, 282, 283, 284, 290, 291, 296,
  301, 317, 318, 319, 320, 322, 323, 324, 325, 330, 338, 339, 340, 341, 347, 512, 513, 514, 519, 520, 521,
  529, 530, 531, 532, 700, 33_723, 34_377, 34_675, 37_724,
]);

/** Bytes of a value of each TIFF type; unknown types are skipped by readers. */
const typeSizes: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/** Header of a TIFF structure, undefined when it is none. BigTIFF (43) has another layout and counts as none. */
export function readTiffHeader(bytes: Uint8Array): TiffHeader | undefined {
  if (bytes.length < 8) return undefined;
  const order = String.fromCharCode(bytes[0], bytes[1]);
  if (order !== 'II' && order !== 'MM') return undefined;
  const view = viewOf(bytes);
  const littleEndian = order === 'II';
  if (view.getUint16(2, littleEndian) !== 42) return undefined;
  return { littleEndian, firstDirectory: view.getUint32(4, littleEndian) };
}

/** A directory with every value inside the bytes; undefined when anything points outside them. */
export function readDirectory(
  bytes: Uint8Array,
  offset: number,
  littleEndian: boolean,
): Directory | undefined {
  const view = viewOf(bytes);
  if (offset < 8 || offset + 2 > bytes.length) return undefined;
  const count = view.getUint16(offset, littleEndian);
  const nextAt = offset + 2 + count * 12;
  if (nextAt + 4 > bytes.length) return undefined;
  const entries: DirectoryEntry[] = [];
  for (let i = 0; i < count; i++) {
    const at = offset + 2 + i * 12;
    const type = view.getUint16(at + 2, littleEndian);
    const values = view.getUint32(at + 4, littleEndian);
    const size = typeSizes[type];
    if (size === undefined || size === 0) continue;
    const valueSize = size * values;
    const valueAt = valueSize <= 4 ? at + 8 : view.getUint32(at + 8, littleEndian);
    if (valueAt + valueSize > bytes.length) return undefined;
    entries.push({ tag: view.getUint16(at, littleEndian), type, count: values, at, valueAt, valueSize });
  }
  return { entries, nextAt, next: view.getUint32(nextAt, littleEndian) };
}

/** The value of a SHORT or LONG entry with one value, else undefined. */
export function integerOf(
  bytes: Uint8Array,
  entry: DirectoryEntry | undefined,
  littleEndian: boolean,
): number | undefined {
  if (entry === undefined || entry.count !== 1) return undefined;
  if (entry.type === 3) return viewOf(bytes).getUint16(entry.valueAt, littleEndian);
  if (entry.type === 4) return viewOf(bytes).getUint32(entry.valueAt, littleEndian);
  return undefined;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
