import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { bitFlipped, claimingSize, makePipe, randomBytes, truncated } from './damage.ts';

/** The image all annotations are meant for. */
export const annotatedImage = { path: 'eye.png', width: 64, height: 48 };

const { width, height } = annotatedImage;

/** Writes annotation files and folders none of which can be used for the image; returns their paths. */
export async function writeAnnotationCorpus(folder: string): Promise<string[]> {
  const cases = [...(await masks()), ...vocFiles(), ...cocoFiles(), ...tables()];
  const paths: string[] = [];
  for (const [index, [name, content]] of cases.entries()) {
    // A folder each, since the file's name has to be the image's.
    const own = join(folder, String(index));
    await mkdir(own, { recursive: true });
    await writeFile(join(own, name), content);
    paths.push(own);
  }
  await mkdir(join(folder, 'nothing-in-it'));
  paths.push(join(folder, 'nothing-in-it'), join(folder, 'missing.json'));
  if (process.platform !== 'win32') {
    makePipe(join(folder, 'pipe.json'));
    paths.push(join(folder, 'pipe.json'));
  }
  return paths;
}

type Case = [name: string, content: Uint8Array | string];

async function masks(): Promise<Case[]> {
  const blank = (w: number, h: number) =>
    sharp({ create: { width: w, height: h, channels: 3, background: 'white' } })
      .composite([{ input: { create: { width: 9, height: 9, channels: 3, background: 'black' } } }])
      .png()
      .toBuffer();
  const png = await blank(width, height);
  const contents = [
    await blank(width + 1, height),
    await blank(height, width),
    await blank(2 * width, 2 * height),
    claimingSize(png, 400_000, 400_000),
    Buffer.alloc(0),
    Buffer.from('no mask'),
    randomBytes(300, 41),
    await sharp(png).jpeg().toBuffer(),
    ...truncated(png, 6, 42),
    ...bitFlipped(png, 5, 43, 0, 29),
  ];
  return contents.map((content) => ['eye_EX.png', content]);
}

function vocFiles(): Case[] {
  const box = (xmin: string, ymin = '4', xmax = '20', ymax = '20') =>
    `<object><name>EX</name><bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>`;
  const file = (objects: string, w = width, h = height) =>
    `<annotation><filename>eye.png</filename><size><width>${w}</width><height>${h}</height></size>${objects}</annotation>`;
  const whole = Buffer.from(file(box('4')));
  return [
    ...truncated(whole, 6, 44),
    file(box('4'), 640, 480),
    file(box('4'), height, width),
    file(box('NaN')),
    file(box('1e400')),
    file(box('-5000', '4', '-4000')),
    file(box('40', '4', '20')),
    file(box('4').replace('<ymax>20</ymax>', '')),
    file(`${'<part>'.repeat(500)}${'</part>'.repeat(500)}`),
    `<!DOCTYPE annotation [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${file(box('&b;'))}`,
    `<!DOCTYPE annotation [<!ENTITY x SYSTEM "file:///etc/hostname">]>${file(box('&x;'))}`,
    '<note/>',
    'no xml',
    randomBytes(200, 45),
    '',
  ].map((content) => ['eye.xml', content]);
}

function cocoFiles(): Case[] {
  const base = {
    images: [{ id: 1, file_name: 'eye.png', width, height }],
    categories: [{ id: 1, name: 'EX' }],
  };
  const withOne = (annotation: object) =>
    JSON.stringify({ ...base, annotations: [{ image_id: 1, category_id: 1, ...annotation }] });
  const box = { bbox: [4, 4, 10, 10] };
  const runs = (counts: unknown, size: unknown = [height, width]) =>
    withOne({ segmentation: { size, counts } });
  return [
    ...truncated(Buffer.from(withOne(box)), 6, 46),
    withOne({ bbox: [4, 4, 10] }),
    withOne({ bbox: ['4', 4, 10, 10] }),
    withOne(box).replace('[4,4', '[NaN,4'),
    withOne(box).replace('[4,4', '[1e999,4'),
    withOne({ bbox: [4, 4, 1e15, 10] }),
    withOne({ bbox: [4, 4, -10, 10] }),
    withOne({ bbox: [5000, 5000, 10, 10] }),
    withOne({}),
    withOne({ image_id: '__proto__', ...box }),
    withOne({ category_id: 'constructor', ...box }),
    withOne({ segmentation: [[1, 2, 3]] }),
    runs([1, 2, 3]),
    runs([width * height * 9]),
    runs([0, -5]),
    runs('\u0000\u0001~~~'),
    runs([width * height], [width * 100, height]),
    JSON.stringify({
      ...base,
      images: [{ id: 1, file_name: 'eye.png', width: 9, height: 9 }],
      annotations: [],
    }),
    JSON.stringify({ ...base, images: [...base.images, { id: 2, file_name: 'eye.png' }], annotations: [] }),
    '{"__proto__":{"images":[],"annotations":[]},"images":{},"annotations":{}}',
    `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    '[]',
    randomBytes(200, 47),
    '',
  ].map((content) => ['coco.json', content]);
}

function tables(): Case[] {
  const header = 'file,class,x,y,width,height\n';
  return [
    '',
    'eye.png,EX,1,2,3,4\n',
    `file,file,class,x,y,width,height\n`,
    `${header}eye.png,EX,NaN,2,3,4\n`,
    `${header}eye.png,EX,1e308,2,3,4\n`,
    `${header}eye.png,EX,1,2,three,4\n`,
    `${header}eye.png,EX,1,2,-3,4\n`,
    `${header}eye.png,EX,900,900,3,4\n`,
    `${header}eye.png,,1,2,3,4\n`,
    `${header},EX,1,2,3,4\n`,
    `${header}eye.png,EX,1,2,3\n`,
    `${header}eye.png,"EX,1,2,3,4\n`,
    `${header}eye.png,${'E'.repeat(100_000)},1,2,3,4\n`,
    randomBytes(200, 48),
  ].map((content) => ['boxes.csv', content]);
}

/** Writes label files that cannot be used for `annotatedImage`; returns their paths. */
export async function writeLabelCorpus(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const contents = [
    '',
    'eye.png,2\n',
    'file,colour\neye.png,2\n',
    'file,grade\neye.png,severe\n',
    'file,grade\neye.png,-1\n',
    'file,grade\neye.png,1.5\n',
    'file,grade\neye.png,1e3\n',
    'file,grade\neye.png,99999999999\n',
    'file,grade\neye.png,1\neye.png,2\n',
    'file,grade\n"eye.png,2\n',
    '\u0000\u0001\u0002',
    Buffer.from('file,grade\neye.png,2\n', 'utf16le'),
    randomBytes(400, 49),
  ];
  for (const [index, content] of contents.entries()) await writeFile(join(folder, `${index}.csv`), content);
  const names = [...contents.keys()].map((index) => `${index}.csv`);
  await mkdir(join(folder, 'a-folder.csv'));
  await writeFile(join(folder, 'oversized.csv'), 'file,grade\n');
  await truncate(join(folder, 'oversized.csv'), 80 * 2 ** 20);
  names.push('a-folder.csv', 'oversized.csv', 'missing.csv');
  if (process.platform !== 'win32') {
    makePipe(join(folder, 'pipe.csv'));
    names.push('pipe.csv');
  }
  return names.map((name) => join(folder, name));
}
