import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { BinaryMask } from '../../imaging/plane.ts';
import { readCocoJson } from './coco-json.ts';
import { addPolygons, addRunLengths } from './coco-segmentation.ts';

/** Made by test/oracles/zones.py with pycocotools. */
const reference = z
  .object({
    runLengths: z.array(
      z.object({
        size: z.tuple([z.int(), z.int()]),
        compressed: z.string(),
        counts: z.array(z.int()),
        rows: z.array(z.string()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../../test/oracles/zones.json', import.meta.url), 'utf8')));

const image = { path: 'eye.jpg', width: 60, height: 40 };
let folder: string;
let written = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coco-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('run lengths', () => {
  it.each(reference.runLengths)(
    'decode as pycocotools wrote them, $size',
    ({ size, compressed, counts, rows }) => {
      const [height, width] = size;
      for (const form of [compressed, counts]) {
        const mask = empty(width, height);
        addRunLengths(mask, { size, counts: form }, 'a.json', 'annotations[0]');
        const expected = Uint8Array.from(rows.join(''), (character) => (character === '#' ? 1 : 0));
        expect(mask.data).toEqual(expected);
      }
    },
  );

  it.each([
    ['too short', [10, 5]],
    ['too long', [2390, 20]],
    ['huge', [Number.MAX_SAFE_INTEGER, 1]],
    ['cut off', 'P'],
    ['of foreign characters', 'ü€'],
    ['endless', 'oooooooooooooooooooo'],
  ])('are refused when %s', (_, counts) => {
    const add = () => {
      addRunLengths(empty(60, 40), { size: [40, 60], counts }, 'a.json', 'annotations[0]');
    };
    expect(add).toThrow(expect.objectContaining({ code: 'annotation-unreadable' }));
  });
});

describe('polygons', () => {
  it('cover every pixel that holds a point of them, and none that is clear of them', () => {
    const along = (length: number) =>
      fc.integer({ min: -300, max: length * 100 + 300 }).map((value) => value / 100);
    const corner = fc.tuple(along(20), along(15));
    fc.assert(
      fc.property(fc.array(corner, { minLength: 3, maxLength: 6 }), (corners) => {
        const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
        fc.pre(Math.max(...xs) > 1 && Math.min(...xs) < 19 && Math.max(...ys) > 1 && Math.min(...ys) < 14);
        const mask = empty(20, 15);
        addPolygons(mask, [corners.flat()], 'a.json', 'annotations[0]');
        mask.data.forEach((value, index) => {
          const [left, top] = [index % 20, Math.floor(index / 20)];
          const samples = Array.from({ length: 25 }, (_, k) => [
            left + 0.1 + 0.2 * (k % 5),
            top + 0.1 + 0.2 * Math.floor(k / 5),
          ]);
          const inside = samples.filter(([x, y]) => isInside(corners, x, y)).length;
          const centreIn = isInside(corners, left + 0.5, top + 0.5);
          // All samples one way and no outline near decides; at the outline the pixel must be set.
          if (centreIn || (inside > 0 && inside < 25)) expect(value).toBe(1);
          if (inside === 0 && value === 1)
            expect(outlineWithin(corners, left - 0.01, top - 0.01, 1.02)).toBe(true);
        });
      }),
      { numRuns: 80 },
    );
  });
});

describe('readCocoJson', () => {
  it('draws polygons and run lengths into one mask a class and keeps plain boxes', async () => {
    const table = await read({
      images: [{ id: 1, file_name: 'eye.jpg', width: 60, height: 40 }],
      categories: [
        { id: 7, name: 'EX' },
        { id: 8, name: 'HE' },
      ],
      annotations: [
        { image_id: 1, category_id: 7, segmentation: [[2, 3, 6, 3, 6, 5, 2, 5]] },
        { image_id: 1, category_id: 7, segmentation: { size: [40, 60], counts: [2399, 1] } },
        { image_id: 1, category_id: 8, bbox: [10.5, 20, 4, 2], segmentation: [] },
      ],
    });
    const found = table?.find(image);
    expect(found?.regions.map((region) => [region.kind, region.class])).toEqual([
      ['mask', 'EX'],
      ['box', 'HE'],
    ]);
    const [first, second] = found?.regions ?? [];
    expect(first.kind === 'mask' && first.mask.data[3 * 60 + 2] + first.mask.data[2399]).toBe(2);
    expect(second).toMatchObject({ box: { x: 10, y: 20, width: 5, height: 2 } });
    expect(table?.find({ ...image, path: 'other.jpg' })).toBeNull();
  });

  it('tells an examined image without lesions from one that is not listed', async () => {
    const table = await read({ images: [{ id: 1, file_name: 'set/eye.jpg' }], annotations: [] });
    expect(table?.find(image)).toEqual({ regions: [], notes: [] });
    expect(table?.find({ ...image, path: 'b.jpg' })).toBeNull();
  });

  it('cuts boxes at the edge with a note', async () => {
    const table = await read(withBox([50, 30, 30, 5]));
    expect(table?.find(image)).toMatchObject({
      regions: [{ box: { x: 50, y: 30, width: 10, height: 5 } }],
      notes: [expect.stringContaining('annotations[0] reaches beyond the image')],
    });
  });

  it.each([
    ['a negative size', withBox([5, 5, -2, 4]), 'annotation-unreadable'],
    ['no size', withBox([5, 5, 0, 4]), 'annotation-unreadable'],
    ['a place wholly outside', withBox([100, 5, 4, 4]), 'annotation-mismatch'],
    ['another image size', withBox([1, 1, 2, 2], { width: 40, height: 60 }), 'annotation-mismatch'],
    ['an unlisted category', { ...withBox([1, 1, 2, 2]), categories: [] }, 'annotation-unreadable'],
  ])('refuses a box with %s', async (_, json, code) => {
    const table = await read(json);
    expect(() => table?.find(image)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['truncated', '{"images": [{"id": 1, "file_na'],
    ['not JSON', 'GIF89a'],
    ['of another kind', '{"hello": 1}'],
    ['with numbers beyond double', '{"images":[],"annotations":[{"image_id":1,"bbox":[1e999,0,1,1]}]}'],
    ['with an annotation of no image', '{"images":[],"annotations":[{"image_id":1,"bbox":[1,0,1,1]}]}'],
    ['with prototype keys', '{"__proto__":{"images":[]},"constructor":1}'],
    ['nested deeply', '['.repeat(100_000)],
    ['in UTF-16', Buffer.from('\ufeff{"images":[]}', 'utf16le')],
    ['empty', ''],
  ])('refuses a file that is %s, in one line', async (_, content) => {
    const error: unknown = await read(content).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'annotation-unreadable' });
    expect((error as Error).message).toMatch(/^annotation \d+\.json: [^\n]{1,400}$/);
  });

  it('passes over JSON of other programs when it only searches', async () => {
    const path = join(folder, 'other.json');
    await writeFile(path, '{"version": 1}');
    expect(await readCocoJson(path, false)).toBeNull();
  });

  it('refuses to guess between two entries of the same name', async () => {
    const table = await read({
      images: [
        { id: 1, file_name: 'a/eye.jpg' },
        { id: 2, file_name: 'b/eye.jpg' },
      ],
      annotations: [],
    });
    expect(() => table?.find(image)).toThrow(/2 entries fit the image eye\.jpg/);
    expect(table?.find({ ...image, path: 'b/eye.jpg' })).not.toBeNull();
  });
});

async function read(content: object | string) {
  const path = join(folder, `${++written}.json`);
  const raw = typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content);
  await writeFile(path, raw);
  return readCocoJson(path, true);
}

function withBox(bbox: number[], size: object = {}) {
  return {
    images: [{ id: 'x', file_name: 'eye.jpg', ...size }],
    annotations: [{ image_id: 'x', category_id: 1, bbox }],
    categories: [{ id: 1, name: 'HE' }],
  };
}

function empty(width: number, height: number): BinaryMask {
  return { width, height, data: new Uint8Array(width * height) };
}

/** Even-odd rule by counting crossings of a ray to the right. */
function isInside(corners: readonly (readonly [number, number])[], x: number, y: number): boolean {
  return corners.reduce((odd, [ax, ay], index) => {
    const [bx, by] = corners[(index + 1) % corners.length];
    return ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax) ? !odd : odd;
  }, false);
}

function outlineWithin(
  corners: readonly (readonly [number, number])[],
  left: number,
  top: number,
  side: number,
): boolean {
  return corners.some(([ax, ay], index) => {
    const [bx, by] = corners[(index + 1) % corners.length];
    return Array.from({ length: 2001 }, (_, k) => k / 2000).some((part) => {
      const [x, y] = [ax + part * (bx - ax), ay + part * (by - ay)];
      return x >= left && x <= left + side && y >= top && y <= top + side;
    });
  });
}
