import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { Failure } from '../../../shared/failure.ts';
import type { ZoneSource } from '../zone.ts';
import { unreadable } from './annotation-file.ts';
import { roleOf } from './classes.ts';
import type { AnnotationTable } from './coco-json.ts';
import { readCocoJson } from './coco-json.ts';
import { readCsvBoxes } from './csv-boxes.ts';
import { indexFolder } from './folder-index.ts';
import type { FolderIndex } from './folder-index.ts';
import { readMaskPng } from './mask-png.ts';
import type { AnnotatedRegion, AnnotatedRegions, ImageKey, NotAnnotated } from './regions.ts';
import { readVocXml } from './voc-xml.ts';

/** More classes than any annotation scheme has; a certificate lists no more. */
const mostClasses = 1000;

/** Annotations of an image folder, opened once and asked image by image. */
export interface AnnotationSource {
  readonly path: string;
  /** One file a line that was passed over, with the reason. */
  readonly notes: readonly string[];
  readonly index: FolderIndex;
  readonly tables: readonly (AnnotationTable & { readonly format: 'coco-json' | 'csv' })[];
  readonly withVessels: boolean;
}

/**
 * Opens a folder (mask PNGs, Pascal VOC XML, COCO JSON and CSV in any mixture) or one such file. Tables are read now,
 * masks and XML when their image is asked for. `withVessels` protects classes that name vessels too, which are left out
 * otherwise. Throws Failure `annotation-unreadable` when there is nothing to read or a table is damaged.
 */
export async function loadAnnotations(
  path: string,
  options: { readonly withVessels?: boolean } = {},
): Promise<AnnotationSource> {
  const isFolder = await isDirectory(path);
  const index = await indexFolder(path, isFolder);
  const tables: (AnnotationTable & { format: 'coco-json' | 'csv' })[] = [];
  const notes: string[] = [];
  for (const json of index.tables.json) {
    const table = await readCocoJson(json, !isFolder);
    if (table === null) notes.push(`${basename(json)} is JSON but no COCO annotation`);
    else tables.push({ ...table, format: 'coco-json' });
  }
  for (const csv of index.tables.csv) tables.push({ ...(await readCsvBoxes(csv)), format: 'csv' });
  if (tables.length === 0 && index.count === 0) {
    throw unreadable(
      path,
      'no mask PNG, Pascal VOC XML, COCO JSON or CSV found',
      'give a folder or file of annotations',
    );
  }
  return { path, notes, index, tables, withVessels: options.withVessels ?? false };
}

/**
 * Everything the source says about one image of the given native size; `imagePath` is relative to the image folder.
 * Throws Failure `annotation-unreadable` or `annotation-mismatch` when what it says cannot be used: going on without
 * would risk covering a lesion.
 */
export async function annotationsFor(
  source: AnnotationSource,
  imagePath: string,
  width: number,
  height: number,
): Promise<AnnotatedRegions | NotAnnotated> {
  const image: ImageKey = { path: imagePath.replaceAll('\\', '/'), width, height };
  const parts: Part[] = [];
  const notes: string[] = [];
  const masks = source.index.masksOf(image.path);
  for (const { path, className } of masks) {
    if (className !== null && isIgnored(source, className)) {
      notes.push(`${basename(path)} marks vessels and was left out`);
      continue;
    }
    const { mask, sha256, isPhotograph } = await readMaskPng(path, image);
    if (isPhotograph) {
      notes.push(`${basename(path)} is a photograph, not a mask`);
      continue;
    }
    const name = className ?? 'lesion';
    parts.push({
      regions: [{ kind: 'mask', class: name, mask }],
      source: { kind: 'annotation', format: 'mask-png', classes: [printable(name)], sha256 },
    });
  }
  for (const path of source.index.vocOf(image.path)) {
    const { regions, sha256, notes: more } = await readVocXml(path, image);
    notes.push(...more);
    parts.push(partOf(source, regions, 'voc-xml', sha256, notes));
  }
  for (const table of source.tables) {
    const found = table.find(image);
    if (found === null) continue;
    notes.push(...found.notes);
    parts.push(partOf(source, found.regions, table.format, table.sha256, notes));
  }
  if (parts.length === 0) return notAnnotated(source, image, notes);
  return {
    kind: 'annotated',
    regions: parts.flatMap((part) => part.regions),
    sources: parts.map((part) => part.source),
    notes,
  };
}

interface Part {
  readonly regions: readonly AnnotatedRegion[];
  readonly source: ZoneSource;
}

/** One file's share, without the classes that are left out. */
function partOf(
  source: AnnotationSource,
  all: readonly AnnotatedRegion[],
  format: 'voc-xml' | 'coco-json' | 'csv',
  sha256: string,
  notes: string[],
): Part {
  const regions = all.filter((region) => !isIgnored(source, region.class));
  if (regions.length < all.length)
    notes.push(`${all.length - regions.length} vessel regions (${format}) were left out`);
  const classes = [...new Set(regions.map((region) => printable(region.class)))].sort().slice(0, mostClasses);
  return { regions, source: { kind: 'annotation', format, classes, sha256 } };
}

/** A class as a certificate may state it: one short line. */
function printable(className: string): string {
  return (
    className
      .replaceAll(/[\s\p{C}]+/gu, ' ')
      .trim()
      .slice(0, 100) || 'unnamed'
  );
}

function isIgnored(source: AnnotationSource, className: string): boolean {
  return !source.withVessels && roleOf(className) === 'vessel';
}

function notAnnotated(source: AnnotationSource, image: ImageKey, notes: readonly string[]): NotAnnotated {
  const because = notes.length > 0 ? ` (${notes.join('; ')})` : '';
  return {
    kind: 'not-annotated',
    reason: `${basename(source.path)} has no annotation of ${image.path}${because}`,
  };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new Failure('annotation-unreadable', `annotations ${path}: there is no such file or folder`, {
      subject: path,
      hint: 'give the folder or file that holds the annotations',
      cause,
    });
  }
}
