import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BinaryMask } from '../../imaging/plane.ts';
import { maskParts } from '../network/mask-parts.ts';
import { annotationsFor, loadAnnotations } from './load-annotations.ts';
import { runLengths } from './run-lengths.ts';
import { cocoJson, csvBoxes, vocXml, type ImageAnnotation } from './write-annotations.ts';

const [width, height] = [31, 17];
let folder: string;

beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'annotations-'))));
afterAll(() => rm(folder, { recursive: true }));

/** Two blobs, one at the corner of the image, one with a hole. */
function mask(): BinaryMask {
  const data = new Uint8Array(width * height);
  for (let p = 0; p < data.length; p++) {
    const [x, y] = [p % width, Math.floor(p / width)];
    if (x > 26 && y > 13) data[p] = 1;
    if (Math.abs(x - 9) < 5 && Math.abs(y - 7) < 4 && !(x === 9 && y === 7)) data[p] = 1;
  }
  return { width, height, data };
}

function annotated(path: string): ImageAnnotation {
  const parts = maskParts(mask()).map(({ box, area, pixels }) => ({
    class: 'EX',
    box,
    area,
    runs: runLengths(pixels, width, height),
  }));
  return { path, width, height, parts };
}

const boxes = maskParts(mask()).map(({ box }) => ({ kind: 'box', class: 'EX', box }));
const odd = 'clinic 1/left, "eye".png';

it('COCO outlines are read back to the pixel, and an image without parts counts as examined', async () => {
  const file = join(folder, 'coco.json');
  const empty = { path: 'b.png', width, height, parts: [] };
  await writeFile(file, cocoJson([annotated(odd), empty], ['MA', 'EX']));
  const source = await loadAnnotations(file);
  expect(await annotationsFor(source, odd, width, height)).toMatchObject({
    kind: 'annotated',
    regions: [{ kind: 'mask', class: 'EX', mask: mask() }],
  });
  expect(await annotationsFor(source, 'b.png', width, height)).toMatchObject({
    kind: 'annotated',
    regions: [],
  });
});

it('CSV boxes are read back equal, names with commas and quotes too', async () => {
  const file = join(folder, 'boxes.csv');
  await writeFile(file, csvBoxes([annotated(odd), { path: 'b.png', width, height, parts: [] }]));
  const source = await loadAnnotations(file);
  expect(await annotationsFor(source, odd, width, height)).toMatchObject({ regions: boxes });
  expect(await annotationsFor(source, 'b.png', width, height)).toMatchObject({
    kind: 'annotated',
    regions: [],
  });
});

it('Pascal VOC boxes are read back equal, counted from 1', async () => {
  const file = join(folder, 'a.xml');
  await writeFile(file, vocXml(annotated('a.png')));
  const source = await loadAnnotations(file);
  expect(await annotationsFor(source, 'a.png', width, height)).toMatchObject({ regions: boxes, notes: [] });
});
