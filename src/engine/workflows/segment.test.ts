import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { synthesizeFundus } from '../../ml/imaging/synthetic-fundus.ts';
import { annotationsFor, loadAnnotations } from '../../ml/lesions/annotations/load-annotations.ts';
import { bundledLesionNetwork } from './bundled-lesion-network.ts';
import { segment, type SegmentResult } from './segment.ts';

const side = 200;
let folder: string;
let first: SegmentResult;

const run = (out = 'out') =>
  segment(
    {
      source: join(folder, 'in'),
      out: join(folder, out),
      network: bundledLesionNetwork,
      threads: 1,
      level: 'mark',
    },
    { listen: () => undefined },
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segment-'));
  await mkdir(join(folder, 'in', 'left'), { recursive: true });
  const { data } = synthesizeFundus({ grade: 3, seed: 5, size: side }).raster;
  const eye = () => sharp(data, { raw: { width: side, height: side, channels: 3 } });
  await eye()
    .png()
    .toFile(join(folder, 'in', 'left', 'eye.png'));
  await eye()
    .greyscale()
    .toColourspace('b-w')
    .png()
    .toFile(join(folder, 'in', 'grey.png'));
  await eye()
    .resize(20)
    .png()
    .toFile(join(folder, 'in', 'tiny.png'));
  await sharp({ create: { width: 90, height: 70, channels: 3, background: '#808080' } })
    .png()
    .toFile(join(folder, 'in', 'wall.png'));
  await writeFile(join(folder, 'in', 'broken.jpg'), 'no image');
  first = await run();
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

it('marks photographs, grey ones too, and names the reason for every other file', () => {
  expect(first.totals).toMatchObject({ done: 2, failed: 3 });
  const codes = Object.fromEntries(first.failures.map(({ path, code }) => [path, code]));
  expect(codes).toEqual({
    'broken.jpg': 'image-unreadable',
    'tiny.png': 'image-no-retina',
    'wall.png': 'image-no-retina',
  });
});

it('finds lesions and disc of a synthetic eye', () => {
  const eye = first.images.find(({ path }) => path === 'left/eye.png');
  expect(new Set(eye?.parts.map((part) => part.class))).toContain('OD');
  expect(eye?.parts.filter((part) => part.class === 'HE').length).toBeGreaterThan(3);
});

it('writes masks, COCO, CSV and VOC files that all read back as the same regions', async () => {
  const out = join(folder, 'out');
  const read = async (path: string) => {
    const found = await annotationsFor(await loadAnnotations(join(out, path)), 'left/eye.png', side, side);
    return found.kind === 'annotated' ? found.regions : [];
  };
  const masks = (await read('masks')).filter(
    (region) => region.kind === 'mask' && region.mask.data.includes(1),
  );
  const coco = await read('coco.json');
  const byClass = (a: { class: string }, b: { class: string }) => a.class.localeCompare(b.class);
  expect(coco.toSorted(byClass)).toEqual(masks.toSorted(byClass));
  const boxes = await read('boxes.csv');
  const record = first.images.find(({ path }) => path === 'left/eye.png');
  expect(boxes).toEqual(record?.parts.map((part) => ({ kind: 'box', class: part.class, box: part.box })));
  expect(await read('voc/left/eye.xml')).toEqual(boxes);
  const { width, height, format } = await sharp(join(out, 'overlays/left/eye.jpg')).metadata();
  expect({ width, height, format }).toEqual({ width: side, height: side, format: 'jpeg' });
});

it('keeps what is done, and does again what was changed', async () => {
  const mask = join(folder, 'out', 'masks', 'grey_HE.png');
  const before = await readFile(mask);
  await writeFile(mask, 'spoilt');
  const again = await run();
  expect(again.totals).toMatchObject({ done: 1, kept: 1, failed: 3 });
  expect((await readFile(mask)).equals(before)).toBe(true);
  expect(again.images).toEqual(first.images);
}, 60_000);

it('leaves the source as it was and nothing half-written', async () => {
  expect((await readdir(join(folder, 'in'))).sort()).toEqual([
    'broken.jpg',
    'grey.png',
    'left',
    'tiny.png',
    'wall.png',
  ]);
  const left = await readdir(join(folder, 'out'), { recursive: true });
  expect(left.filter((name) => name.includes('medlocker-tmp'))).toEqual([]);
});

it('refuses a folder without images and a file that is no lesion network', async () => {
  await mkdir(join(folder, 'none'));
  const options = { out: join(folder, 'out2'), threads: 1, level: 'zone' } as const;
  const listen = () => undefined;
  const empty = segment(
    { source: join(folder, 'none'), network: bundledLesionNetwork, ...options },
    { listen },
  );
  await expect(empty).rejects.toMatchObject({ code: 'usage' });
  const wrong = segment(
    { source: join(folder, 'in'), network: join(folder, 'in', 'grey.png'), ...options },
    { listen },
  );
  await expect(wrong).rejects.toMatchObject({ code: 'model-unreadable' });
  await expect(stat(join(folder, 'out2', 'coco.json'))).rejects.toThrow();
});
