import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { Failure } from '../../../shared/failure.ts';

/** An annotation file's bytes with their SHA-256 in lower-case hex. */
export interface AnnotationFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/**
 * Reads a whole file of at most `maxBytes`. Throws Failure `annotation-unreadable` when it is missing, empty, too large
 * or no ordinary file; a pipe or device is refused before anything is read from it.
 */
export async function readAnnotationFile(path: string, maxBytes: number): Promise<AnnotationFile> {
  try {
    // Before opening: to open a pipe would wait for a writer that may never come.
    const information = await stat(path);
    if (!information.isFile()) throw unreadable(path, 'it is no ordinary file');
    if (information.size === 0) throw unreadable(path, 'the file is empty');
    if (information.size > maxBytes) {
      throw unreadable(path, `it has ${information.size} bytes, more than the ${maxBytes} allowed`);
    }
    const bytes = await readFile(path);
    return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw unreadable(path, errorCode(cause), undefined, cause);
  }
}

/** Text of the file as UTF-8 (byte order mark dropped); other encodings and binary files are refused. */
export function textOf(file: AnnotationFile): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file.bytes);
  } catch (cause) {
    throw unreadable(file.path, 'it is no UTF-8 text', 'save the file as UTF-8', cause);
  }
}

/** A Failure for an annotation file that cannot be used, in one line: file, then reason. */
export function unreadable(
  path: string,
  reason: string,
  hint = 'correct the file, or export the annotations again',
  cause?: unknown,
): Failure {
  return new Failure('annotation-unreadable', `annotation ${basename(path)}: ${oneLine(reason)}`, {
    subject: path,
    hint,
    cause,
  });
}

/** A Failure for a usable annotation file that contradicts the image it is meant for. */
export function mismatch(
  path: string,
  reason: string,
  hint = 'correct the annotation, or give the one made for this image',
): Failure {
  return new Failure('annotation-mismatch', `annotation ${basename(path)}: ${oneLine(reason)}`, {
    subject: path,
    hint,
  });
}

/** Throws `annotation-mismatch` unless the sizes agree; names turned photographs, the usual reason when they do not. */
export function requireImageSize(
  path: string,
  annotated: { readonly width: number; readonly height: number },
  image: { readonly width: number; readonly height: number },
): void {
  if (annotated.width === image.width && annotated.height === image.height) return;
  const transposed = annotated.width === image.height && annotated.height === image.width;
  mismatchedSize(path, annotated, image, transposed);
}

function mismatchedSize(
  path: string,
  annotated: { readonly width: number; readonly height: number },
  image: { readonly width: number; readonly height: number },
  transposed: boolean,
): never {
  const sizes = `made for ${annotated.width}x${annotated.height} pixels, the image has ${image.width}x${image.height}`;
  if (transposed) {
    throw mismatch(
      path,
      `${sizes}: width and height are exchanged, probably the EXIF orientation was applied before annotating`,
      'turn the annotation back to the orientation in which the pixels are stored',
    );
  }
  throw mismatch(path, sizes, 'give annotations of the image at its full size');
}

function errorCode(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause) {
    if (cause.code === 'ENOENT') return 'there is no such file';
    if (cause.code === 'EACCES') return 'reading it is not permitted';
    return `it cannot be read (${String(cause.code)})`;
  }
  return 'it cannot be read';
}

function oneLine(text: string): string {
  const flat = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return flat.length > 240 ? `${flat.slice(0, 240)}...` : flat;
}
