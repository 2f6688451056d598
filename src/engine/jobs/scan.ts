import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { isInside } from './source-paths.ts';

/** A file that will be treated as an image; its bytes have not been looked at yet. */
export interface SourceFile {
  /** Relative to the source folder, `/` between folders. */
  readonly path: string;
  readonly absolute: string;
  readonly bytes: number;
}

export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

export interface ScanResult {
  /** Sorted by path, in code point order on every platform. */
  readonly files: readonly SourceFile[];
  readonly skipped: readonly SkippedFile[];
}

export interface ScanOptions {
  /** Real paths that are not part of the image set, e.g. the annotations when they lie in the source. */
  readonly exclude?: readonly string[];
  /** Name of the only file wanted in `root`. */
  readonly onlyFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const imageExtensions = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.tif',
  '.tiff',
  '.webp',
  '.gif',
  '.avif',
]);

const knownOthers: Readonly<Record<string, string>> = {
  '.dcm': 'DICOM is not supported: export PNG or TIFF',
  '.dicom': 'DICOM is not supported: export PNG or TIFF',
  '.bmp': 'BMP is not supported: convert to PNG',
  '.ppm': 'PPM is not supported: convert to PNG',
  '.pgm': 'PGM is not supported: convert to PNG',
  '.jp2': 'JPEG 2000 is not supported: convert to PNG',
  '.heic': 'HEIC is not supported: convert to PNG',
  '.heif': 'HEIF is not supported: convert to PNG',
  '.svg': 'SVG is a drawing, not a photograph',
};

/**
 * Lists the images of a folder tree. Symbolic links to files are followed when the file lies in the tree; links to folders are not,
 * since a folder of the tree is scanned where it stands (this cuts every loop). Everything left out is listed with its reason.
 *
 * @param root real path of the source folder
 */
export async function scanSource(root: string, options: ScanOptions = {}): Promise<ScanResult> {
  const files: SourceFile[] = [];
  const skipped: SkippedFile[] = [];
  const excluded = options.exclude ?? [];

  async function visit(folder: string, prefix: string): Promise<void> {
    options.signal?.throwIfAborted();
    let names: string[];
    try {
      names = await readdir(folder);
    } catch (error) {
      skipped.push({ path: prefix, reason: `folder cannot be read: ${codeOf(error)}` });
      return;
    }
    for (const name of names) {
      if (options.onlyFile !== undefined && name !== options.onlyFile) continue;
      await look(join(folder, name), prefix === '' ? name : `${prefix}/${name}`, name);
    }
  }

  async function look(absolute: string, path: string, name: string): Promise<void> {
    if (excluded.some((other) => isInside(absolute, other))) return;
    if (name.startsWith('.') || name === 'Thumbs.db' || name === 'desktop.ini') {
      skipped.push({ path, reason: 'hidden or system file' });
      return;
    }
    try {
      const entry = await lstat(absolute);
      if (entry.isDirectory()) await visit(absolute, path);
      else if (entry.isFile()) take(absolute, path, entry.size);
      else if (entry.isSymbolicLink()) await follow(absolute, path);
      else skipped.push({ path, reason: 'not a regular file' });
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      skipped.push({ path, reason: codeOf(error) });
    }
  }

  async function follow(absolute: string, path: string): Promise<void> {
    const target = await realpath(absolute);
    const found = await stat(target);
    if (!isInside(target, root)) skipped.push({ path, reason: 'symbolic link to outside the source folder' });
    else if (found.isDirectory()) skipped.push({ path, reason: 'symbolic link to a folder of the source' });
    else if (found.isFile()) take(target, path, found.size);
    else skipped.push({ path, reason: 'not a regular file' });
  }

  function take(absolute: string, path: string, bytes: number): void {
    const extension = extname(path).toLowerCase();
    if (imageExtensions.has(extension)) files.push({ path, absolute, bytes });
    else skipped.push({ path, reason: knownOthers[extension] ?? 'not an image by its name' });
  }

  await visit(root, '');
  return { files: files.sort(byPath), skipped: skipped.sort(byPath) };
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function codeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ELOOP') return 'symbolic links that go round in a circle';
  if (code === 'ENOENT') return 'broken symbolic link, or a name that is not valid Unicode';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}
