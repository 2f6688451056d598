import { XMLParser } from 'fast-xml-parser';
import { SyntaxValidator } from 'fast-xml-validator';
import { basename, extname } from 'node:path';
import { z } from 'zod';

import { readAnnotationFile, requireImageSize, textOf, unreadable } from './annotation-file.ts';
import type { AnnotationFile } from './annotation-file.ts';
import { cutNote, pixelBox } from './box-edges.ts';
import type { AnnotatedRegion, ImageKey } from './regions.ts';
import { describeIssue } from '../../../shared/schema-issue.ts';

const maxFileBytes = 16 * 1024 * 1024;
const maxDepth = 64;

const coordinate = z
  .string()
  .regex(/^[+-]?\d{1,7}(\.\d{1,9})?$/, 'is no plain number')
  .transform(Number);

const vocSchema = z.object({
  annotation: z.object({
    filename: z.string().optional(),
    size: z.object({ width: coordinate, height: coordinate }).optional(),
    object: z
      .array(
        z.object({
          name: z.string().min(1).max(200),
          bndbox: z.object({ xmin: coordinate, ymin: coordinate, xmax: coordinate, ymax: coordinate }),
        }),
      )
      .max(100_000)
      .default([]),
  }),
});

export interface VocAnnotation {
  readonly regions: readonly AnnotatedRegion[];
  readonly sha256: string;
  readonly notes: readonly string[];
}

/**
 * Reads a Pascal VOC file for one image. Pixels count from 1 and `xmax`, `ymax` belong to the box, as the VOC
 * development kit defines: xmin = 1, xmax = 1 is the first column. Throws Failure `annotation-unreadable` for damaged
 * files, document types and entities, and `annotation-mismatch` when size or boxes contradict the image.
 */
export async function readVocXml(path: string, image: ImageKey): Promise<VocAnnotation> {
  const file = await readAnnotationFile(path, maxFileBytes);
  const { annotation } = parse(file);
  const notes: string[] = [];
  const { size } = annotation;
  // Some programs write 0 x 0 for a size they did not know.
  if (size === undefined || (size.width === 0 && size.height === 0)) {
    notes.push(`${basename(path)} states no image size; only its boxes could be checked`);
  } else requireImageSize(path, size, image);
  if (annotation.filename !== undefined && stem(annotation.filename) !== stem(image.path)) {
    notes.push(`${basename(path)} names the image ${annotation.filename}; it was taken for ${image.path}`);
  }
  const regions = annotation.object.map(({ name, bndbox }, index): AnnotatedRegion => {
    const edges = { left: bndbox.xmin - 1, top: bndbox.ymin - 1, right: bndbox.xmax, bottom: bndbox.ymax };
    const { box, cut } = pixelBox(edges, image, path, `object ${index + 1} (${name})`);
    if (cut) notes.push(cutNote(path, `object ${index + 1} (${name})`));
    return { kind: 'box', class: name, box };
  });
  return { regions, sha256: file.sha256, notes };
}

function parse(file: AnnotationFile): z.infer<typeof vocSchema> {
  const text = textOf(file);
  // No VOC writer uses them, and every entity attack needs one.
  if (/<!(DOCTYPE|ENTITY)/i.test(text))
    throw unreadable(file.path, 'it declares a document type, which VOC files do not');
  const checked = vocSchema.safeParse(toObject(file, text));
  if (!checked.success)
    throw unreadable(file.path, `no Pascal VOC annotation: ${describeIssue(checked.error)}`);
  return checked.data;
}

function toObject(file: AnnotationFile, text: string): unknown {
  try {
    SyntaxValidator.validate(text);
    const parser = new XMLParser({
      processEntities: false,
      parseTagValue: false,
      ignoreAttributes: true,
      maxNestedTags: maxDepth,
      isArray: (name) => name === 'object',
    });
    return parser.parse(text);
  } catch (cause) {
    throw unreadable(
      file.path,
      `no well-formed XML: ${xmlReason(cause)}`,
      'export the annotation again',
      cause,
    );
  }
}

function xmlReason(cause: unknown): string {
  if (!(cause instanceof Error)) return 'it cannot be parsed';
  const line = 'line' in cause && typeof cause.line === 'number' ? ` (line ${cause.line})` : '';
  return `${cause.message}${line}`;
}

function stem(path: string): string {
  const name = basename(path.replaceAll('\\', '/'));
  return name.slice(0, name.length - extname(name).length);
}
