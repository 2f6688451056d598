import { z } from 'zod';

import type { BinaryMask } from '../../imaging/plane.ts';
import { readAnnotationFile, requireImageSize, textOf, unreadable } from './annotation-file.ts';
import { cutNote, pixelBox } from './box-edges.ts';
import { addPolygons, addRunLengths } from './coco-segmentation.ts';
import { imageMatcher } from './image-matcher.ts';
import type { AnnotatedRegion, ImageKey } from './regions.ts';
import { describeIssue } from '../../../shared/schema-issue.ts';

/** V8 holds no longer string. */
const maxFileBytes = 400 * 1024 * 1024;
const id = z.union([z.int(), z.string().max(200)]);
const number = z.number().min(-1_000_000).max(1_000_000);

const annotationSchema = z.object({
  image_id: id,
  category_id: id.optional(),
  bbox: z.array(number).length(4).optional(),
  segmentation: z
    .union([
      z.array(z.array(number).min(6)),
      z.object({
        size: z.tuple([z.int().min(1).max(1_000_000), z.int().min(1).max(1_000_000)]),
        counts: z.union([z.string(), z.array(z.int().min(0))]),
      }),
    ])
    .optional(),
});

const cocoSchema = z.object({
  images: z.array(
    z.object({
      id,
      file_name: z.string().min(1).max(4096),
      width: z.int().min(0).optional(),
      height: z.int().min(0).optional(),
    }),
  ),
  annotations: z.array(annotationSchema),
  categories: z.array(z.object({ id, name: z.string().min(1).max(200) })).default([]),
});

type CocoAnnotation = z.infer<typeof annotationSchema>;

/** A table of annotations of many images: COCO or CSV. */
export interface AnnotationTable {
  readonly path: string;
  readonly sha256: string;
  /** Regions of one image, null when the table does not name it. */
  readonly find: (
    image: ImageKey,
  ) => { regions: readonly AnnotatedRegion[]; notes: readonly string[] } | null;
}

/**
 * Reads a COCO file: polygons and run lengths become masks, annotations with only a `bbox` boxes (x, y, width, height,
 * pixels from 0). Images are matched by `file_name`. An image listed without annotations counts as examined. Returns
 * null when the JSON is no COCO object and `strict` is false. Throws Failure `annotation-unreadable` here and, for the
 * one image concerned, from `find`.
 */
export async function readCocoJson(path: string, strict: boolean): Promise<AnnotationTable | null> {
  const file = await readAnnotationFile(path, maxFileBytes);
  const json = parseJson(path, textOf(file));
  if (!strict && !looksLikeCoco(json)) return null;
  const checked = cocoSchema.safeParse(json);
  if (!checked.success) throw unreadable(path, `no COCO annotation: ${describeIssue(checked.error)}`);
  const { images, annotations, categories } = checked.data;
  const names = new Map(categories.map((category) => [category.id, category.name]));
  const byImage = Map.groupBy(
    annotations.map((annotation, index) => ({ annotation, index })),
    (entry) => entry.annotation.image_id,
  );
  const known = new Set(images.map((image) => image.id));
  const orphan = annotations.findIndex((annotation) => !known.has(annotation.image_id));
  if (orphan >= 0) throw unreadable(path, `annotations[${orphan}] belongs to an image that is not listed`);
  const match = imageMatcher(
    path,
    images.map((image) => [image.file_name, image]),
  );
  const find = (image: ImageKey) => {
    const entry = match(image.path);
    if (entry === null) return null;
    // 0 stands for "not known" in files of some programs.
    if (entry.width && entry.height)
      requireImageSize(path, { width: entry.width, height: entry.height }, image);
    const canvas = new RegionCanvas(image, path);
    for (const { annotation, index } of byImage.get(entry.id) ?? []) {
      const element = `annotations[${index}]`;
      const category = annotation.category_id === undefined ? 'lesion' : names.get(annotation.category_id);
      if (category === undefined) throw unreadable(path, `${element} has a category that is not listed`);
      canvas.add(annotation, category, element);
    }
    return { regions: canvas.regions(), notes: canvas.notes };
  };
  return { path, sha256: file.sha256, find };
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it cannot be parsed';
    throw unreadable(path, `no valid JSON: ${reason}`, 'export the annotation again', cause);
  }
}

function looksLikeCoco(json: unknown): boolean {
  return (
    typeof json === 'object' &&
    json !== null &&
    Object.hasOwn(json, 'images') &&
    Object.hasOwn(json, 'annotations')
  );
}

/** Collects one image's annotations: one mask a class, however many outlines it has, so that memory stays bounded. */
class RegionCanvas {
  readonly notes: string[] = [];
  readonly #image: ImageKey;
  readonly #path: string;
  readonly #masks = new Map<string, BinaryMask>();
  readonly #boxes: AnnotatedRegion[] = [];

  constructor(image: ImageKey, path: string) {
    this.#image = image;
    this.#path = path;
  }

  add({ segmentation, bbox }: CocoAnnotation, category: string, element: string): void {
    if (segmentation !== undefined && !Array.isArray(segmentation)) {
      addRunLengths(this.#mask(category), segmentation, this.#path, element);
    } else if (segmentation !== undefined && segmentation.length > 0) {
      this.#noteCut(addPolygons(this.#mask(category), segmentation, this.#path, element), element);
    } else if (bbox !== undefined) {
      const [left, top, width, height] = bbox;
      const edges = { left, top, right: left + width, bottom: top + height };
      const { box, cut } = pixelBox(edges, this.#image, this.#path, element);
      this.#noteCut(cut, element);
      this.#boxes.push({ kind: 'box', class: category, box });
    } else throw unreadable(this.#path, `${element} has neither a segmentation nor a bbox`);
  }

  regions(): AnnotatedRegion[] {
    const masks = [...this.#masks].map(([name, mask]): AnnotatedRegion => ({
      kind: 'mask',
      class: name,
      mask,
    }));
    return [...masks, ...this.#boxes];
  }

  #mask(category: string): BinaryMask {
    const { width, height } = this.#image;
    const mask = this.#masks.get(category) ?? { width, height, data: new Uint8Array(width * height) };
    this.#masks.set(category, mask);
    return mask;
  }

  #noteCut(cut: boolean, element: string): void {
    if (cut) this.notes.push(cutNote(this.#path, element));
  }
}
