import { exifTags } from './exif.ts';
import { integerOf, pictureTags, readDirectory, readTiffHeader, viewOf } from './tiff-directory.ts';
import type { Directory } from './tiff-directory.ts';

/** Larger values are no description of a picture but blocks of a program's own. */
const largestValue = 65_535;

const gpsDirectory = 0x8825;

/**
 * The EXIF structure of a TIFF file, built anew from its first directory (without what describes the stored samples) and its EXIF
 * and GPS directories, because decoders do not hand it out. Null when the file says nothing or points outside itself.
 */
export function exifOfTiff(bytes: Uint8Array): Uint8Array | null {
  const header = readTiffHeader(bytes);
  if (header === undefined) return null;
  const { littleEndian } = header;
  const main = readDirectory(bytes, header.firstDirectory, littleEndian);
  if (main === undefined) return null;
  const nested = new Map<number, Directory>();
  for (const tag of [exifTags.exifDirectory, gpsDirectory]) {
    const at = integerOf(
      bytes,
      main.entries.find((entry) => entry.tag === tag),
      littleEndian,
    );
    const directory = at === undefined ? undefined : readDirectory(bytes, at, littleEndian);
    if (directory !== undefined) nested.set(tag, directory);
  }
  const kept = withEntries(main, ({ tag }) => tag === exifTags.orientation || !pictureTags.has(tag), nested);
  if (kept.entries.length === 0) return null;
  return assemble(bytes, kept, nested, littleEndian);
}

function withEntries(
  directory: Directory,
  keep: (entry: Directory['entries'][number]) => boolean,
  nested: ReadonlyMap<number, Directory>,
): Directory {
  const pointers: number[] = [exifTags.exifDirectory, gpsDirectory];
  const entries = directory.entries.filter(
    (entry) =>
      keep(entry) &&
      entry.valueSize <= largestValue &&
      (!pointers.includes(entry.tag) || nested.has(entry.tag)),
  );
  return { ...directory, entries };
}

/** Header, main directory, nested directories, then all values that do not fit into their entries. */
function assemble(
  source: Uint8Array,
  main: Directory,
  nested: ReadonlyMap<number, Directory>,
  littleEndian: boolean,
): Uint8Array {
  const sizeOf = (directory: Directory): number => 2 + directory.entries.length * 12 + 4;
  const starts = new Map<number, number>();
  let end = 8 + sizeOf(main);
  const small = new Map(
    [...nested].map(([tag, directory]) => [tag, withEntries(directory, () => true, new Map())]),
  );
  for (const [tag, directory] of small) {
    starts.set(tag, end);
    end += sizeOf(directory);
  }
  const all = [main, ...small.values()];
  const total = all.flatMap((d) => d.entries).reduce((sum, e) => sum + e.valueSize + (e.valueSize & 1), end);
  const out = new Uint8Array(total);
  const view = viewOf(out);
  out.set(source.subarray(0, 4));
  view.setUint32(4, 8, littleEndian);
  const write = (directory: Directory, at: number): void => {
    view.setUint16(at, directory.entries.length, littleEndian);
    directory.entries.forEach((entry, i) => {
      const to = at + 2 + i * 12;
      out.set(source.subarray(entry.at, entry.at + 12), to);
      const start = directory === main ? starts.get(entry.tag) : undefined;
      if (start !== undefined) view.setUint32(to + 8, start, littleEndian);
      else if (entry.valueSize > 4) {
        view.setUint32(to + 8, end, littleEndian);
        out.set(source.subarray(entry.valueAt, entry.valueAt + entry.valueSize), end);
        end += entry.valueSize + (entry.valueSize & 1);
      }
    });
  };
  write(main, 8);
  for (const [tag, directory] of small) write(directory, starts.get(tag) ?? 8);
  return out;
}
