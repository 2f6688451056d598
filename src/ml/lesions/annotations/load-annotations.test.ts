import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { needsRealData, realData } from '../../../../test/real-data.ts';
import { annotationsFor, loadAnnotations } from './load-annotations.ts';

let folder: string;
const width = 8;
const height = 6;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annotations-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('masks', () => {
  it('are collected by class for the image whose name they bear, vessels left out', async () => {
    await put('eye_01_EX.png', await maskPng([3]));
    await put('eye_01_OD.png', await maskPng([9]));
    await put('eye_01_VESSEL1.png', await maskPng([1, 2]));
    await put('eye_010_EX.png', await maskPng([0]));
    const source = await loadAnnotations(folder);
    expect(await find('eye_01.jpg')).toMatchObject({
      kind: 'annotated',
      regions: [
        { kind: 'mask', class: 'EX', mask: { data: withSet(3) } },
        { kind: 'mask', class: 'OD', mask: { data: withSet(9) } },
      ],
      sources: [
        { kind: 'annotation', format: 'mask-png', classes: ['EX'] },
        { kind: 'annotation', format: 'mask-png', classes: ['OD'] },
      ],
    });
    const everything = await loadAnnotations(folder, { withVessels: true });
    expect(await annotationsFor(everything, 'eye_01.jpg', width, height)).toMatchObject({
      regions: [{ class: 'EX' }, { class: 'OD' }, { class: 'VESSEL1' }],
    });
    expect(await annotationsFor(source, 'eye_02.jpg', width, height)).toMatchObject({
      kind: 'not-annotated',
      reason: expect.stringContaining('eye_02.jpg'),
    });
  });

  it('count as set wherever any sample is not zero: 16 bits, colours, palettes, alpha', async () => {
    const deep = Uint16Array.from({ length: width * height }, (_, index) => (index === 5 ? 1 : 0));
    await put(
      'a.png',
      await sharp(deep, { raw: { width, height, channels: 1 } })
        .toColourspace('grey16')
        .png()
        .toBuffer(),
    );
    expect(await find('a.jpg')).toMatchObject({ regions: [{ class: 'lesion', mask: { data: withSet(5) } }] });
    const red = Uint8Array.from({ length: width * height * 3 }, (_, index) => (index === 6 * 3 ? 1 : 0));
    await put(
      'b.png',
      await sharp(red, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
    expect(await find('b.jpg')).toMatchObject({ regions: [{ mask: { data: withSet(6) } }] });
    await put(
      'c.png',
      await sharp(
        red.map((v) => v * 200),
        { raw: { width, height, channels: 3 } },
      )
        .png({ palette: true })
        .toBuffer(),
    );
    expect(await find('c.jpg')).toMatchObject({ regions: [{ mask: { data: withSet(6) } }] });
    const clear = Uint8Array.from({ length: width * height * 4 }, (_, index) =>
      index === 7 * 4 + 3 ? 255 : 0,
    );
    await put(
      'd.png',
      await sharp(clear, { raw: { width, height, channels: 4 } })
        .png()
        .toBuffer(),
    );
    expect(await find('d.jpg')).toMatchObject({ regions: [{ mask: { data: withSet(7) } }] });
  });

  it('of all zero mean an examined image without lesions', async () => {
    await put('eye.png', await maskPng([]));
    expect(await find('eye.jpg')).toMatchObject({
      kind: 'annotated',
      regions: [{ mask: { data: withSet() } }],
    });
  });

  it('must have the size of the image; turned ones are recognised', async () => {
    await put('eye_EX.png', await maskPng([1]));
    const source = await loadAnnotations(folder);
    await expect(annotationsFor(source, 'eye.jpg', 16, 12)).rejects.toMatchObject({
      code: 'annotation-mismatch',
      message: 'annotation eye_EX.png: made for 8x6 pixels, the image has 16x12',
    });
    await expect(annotationsFor(source, 'eye.jpg', height, width)).rejects.toMatchObject({
      code: 'annotation-mismatch',
      message: expect.stringContaining('EXIF orientation'),
    });
  });

  it('are found in folders by class, flat, or mirrored, and refused when two fit', async () => {
    await put('EX/eye_EX.png', await maskPng([1]));
    await put('HE/eye_HE.png', await maskPng([2]));
    expect(await find('eye.jpg')).toMatchObject({ regions: [{ class: 'EX' }, { class: 'HE' }] });
    expect(await find('visit2/eye.jpg')).toMatchObject({ regions: [{ class: 'EX' }, { class: 'HE' }] });
    await put('visit2/eye_EX.png', await maskPng([3]));
    expect(await find('visit2/eye.jpg')).toMatchObject({ regions: [{ mask: { data: withSet(3) } }] });
    await expect(find('eye.jpg')).rejects.toMatchObject({ code: 'annotation-mismatch' });
  });

  it('are not confused with the photographs in the same folder', async () => {
    const noise = Uint8Array.from(
      { length: 40 * 40 * 3 },
      (_, index) => (index * index * 31 + (index >> 3)) % 256,
    );
    await put(
      'eye.png',
      await sharp(noise, { raw: { width: 40, height: 40, channels: 3 } })
        .png()
        .toBuffer(),
    );
    const source = await loadAnnotations(folder);
    expect(await annotationsFor(source, 'eye.png', 40, 40)).toMatchObject({
      kind: 'not-annotated',
      reason: expect.stringContaining('is a photograph'),
    });
  });

  it.each([
    ['truncated', async () => (await maskPng([1])).subarray(0, 60)],
    ['empty', () => Promise.resolve(Buffer.alloc(0))],
    [
      'no PNG',
      () =>
        sharp(Buffer.alloc(48), { raw: { width, height, channels: 1 } })
          .jpeg()
          .toBuffer(),
    ],
    ['with a flipped bit', async () => flipped(await maskPng([1, 5, 20]))],
  ])('that are %s are refused in one line', async (_, bytes) => {
    await put('eye_EX.png', await bytes());
    await expect(find('eye.jpg')).rejects.toMatchObject({
      code: 'annotation-unreadable',
      message: expect.stringMatching(/^annotation eye_EX\.png: [^\n]+$/),
    });
  });

  it('claiming gigantic dimensions are refused before they are decoded', async () => {
    const bytes = await maskPng([1]);
    bytes.writeUInt32BE(0x7fff_ffff, 16);
    await put('eye_EX.png', bytes);
    await expect(find('eye.jpg')).rejects.toMatchObject({ code: 'annotation-mismatch' });
  });

  it.skipIf(process.platform === 'win32')(
    'behind a pipe or a loop of links neither hang nor crash',
    async () => {
      execFileSync('mkfifo', [join(folder, 'eye_EX.png')]);
      await expect(find('eye.jpg')).rejects.toMatchObject({ code: 'annotation-unreadable' });
      await symlink(folder, join(folder, 'loop'));
      await symlink('other_EX.png', join(folder, 'other_EX.png'));
      await expect(find('other.jpg')).rejects.toMatchObject({ code: 'annotation-unreadable' });
    },
  );
});

describe('Pascal VOC', () => {
  it('counts pixels from 1 and includes the last', async () => {
    await put(
      'eye.xml',
      voc(
        '<object><name>HE</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>2</ymax></bndbox></object>',
      ),
    );
    expect(await find('eye.jpg')).toMatchObject({
      kind: 'annotated',
      regions: [{ kind: 'box', class: 'HE', box: { x: 0, y: 1, width: 3, height: 1 } }],
      sources: [{ format: 'voc-xml', classes: ['HE'] }],
      notes: [],
    });
  });

  it('without objects means an examined image', async () => {
    await put('eye.xml', voc(''));
    expect(await find('eye.jpg')).toMatchObject({ kind: 'annotated', regions: [] });
  });

  it('names another image or no size in a note', async () => {
    await put('eye.xml', '<annotation><filename>old.jpg</filename></annotation>');
    expect(await find('eye.jpg')).toMatchObject({
      notes: [expect.stringContaining('no image size'), expect.stringContaining('old.jpg')],
    });
  });

  const laughs = `<!DOCTYPE a [<!ENTITY l "ha">${'<!ENTITY m "&l;&l;&l;&l;">'.repeat(9)}]><annotation>&m;</annotation>`;
  it.each([
    ['truncated', voc('').slice(0, -20), 'annotation-unreadable'],
    ['a billion laughs', laughs, 'annotation-unreadable'],
    [
      'with an outside entity',
      '<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotation/>',
      'annotation-unreadable',
    ],
    ['of another kind', '<html><body/></html>', 'annotation-unreadable'],
    [
      'nested deeply',
      `<annotation>${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}</annotation>`,
      'annotation-unreadable',
    ],
    ['with prototype keys', '<annotation><__proto__>1</__proto__></annotation>', 'annotation-unreadable'],
    ['binary', Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x3c]), 'annotation-unreadable'],
    ['of another size', voc('').replace('<width>8<', '<width>9<'), 'annotation-mismatch'],
    ['with a NaN', box('NaN', '1', '2', '2'), 'annotation-unreadable'],
    ['with a huge number', box('1', '1', '1e99', '2'), 'annotation-unreadable'],
    ['with a box inside out', box('5', '1', '2', '2'), 'annotation-unreadable'],
    ['with a box outside', box('20', '20', '22', '22'), 'annotation-mismatch'],
  ])('is refused when %s', async (_, content, code) => {
    await put('eye.xml', content);
    const error: unknown = await find('eye.jpg').catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^annotation eye\.xml: [^\n]+$/) });
  });
});

describe('CSV', () => {
  it('reads sizes or corners, quoted names and examined images', async () => {
    await put(
      'a.csv',
      '\ufefffile,class,x,y,width,height\r\n"odd, name.jpg",EX,1,2,3,1.5\r\nclean.jpg,,,,,\r\n',
    );
    expect(await find('odd, name.jpg')).toMatchObject({
      regions: [{ class: 'EX', box: { x: 1, y: 2, width: 3, height: 2 } }],
      sources: [{ format: 'csv', classes: ['EX'] }],
    });
    expect(await find('clean.jpg')).toMatchObject({ kind: 'annotated', regions: [] });
    expect(await find('other.jpg')).toMatchObject({ kind: 'not-annotated' });
    await rm(join(folder, 'a.csv'));
    await put('b.csv', 'File,Class,xmin,ymin,xmax,ymax\nsub\\eye.jpg,HE,0,0,2,3\n');
    expect(await find('sub/eye.jpg')).toMatchObject({
      regions: [{ box: { x: 0, y: 0, width: 3, height: 4 } }],
    });
  });

  it.each([
    ['no header', 'eye.jpg,EX,1,2,3,4\n', /line 1 is no header/],
    ['a word for a number', `${header}eye.jpg,EX,1,two,3,4\n`, /line 2: y is "two"/],
    ['infinity', `${header}eye.jpg,EX,1,Infinity,3,4\n`, /line 2/],
    ['too few fields', `${header}eye.jpg,EX,1\n`, /no valid CSV/],
    ['an open quote', `${header}"eye.jpg,EX,1,2,3,4\n`, /no valid CSV/],
    ['no class', `${header}eye.jpg,,1,2,3,4\n`, /line 2 names no class/],
    ['a column twice', 'file,file,class,x,y,width,height\n', /twice/],
  ])('is refused with %s', async (_, content, message) => {
    await put('a.csv', content);
    await expect(loadAnnotations(folder)).rejects.toMatchObject({
      code: 'annotation-unreadable',
      message: expect.stringMatching(message),
    });
  });

  it('states classes as one short line each, whatever stands in the file', async () => {
    await put('a.csv', `${header}eye.jpg,"soft\n exudate\t${'x'.repeat(300)}",1,2,3,4\n`);
    expect(await find('eye.jpg')).toMatchObject({
      sources: [{ classes: [expect.stringMatching(/^soft exudate x{87}$/)] }],
    });
  });

  it('refuses a negative width when its image is asked for', async () => {
    await put('a.csv', `${header}eye.jpg,EX,1,2,-3,4\nfine.jpg,EX,1,1,1,1\n`);
    await expect(find('eye.jpg')).rejects.toMatchObject({
      message: expect.stringContaining('line 2 has no area'),
    });
    expect(await find('fine.jpg')).toMatchObject({ kind: 'annotated' });
  });
});

it('unites all formats of a folder', async () => {
  await put('eye_MA.png', await maskPng([1]));
  await put('eye.xml', voc(''));
  await put('boxes.csv', `${header}eye.jpg,EX,1,2,3,4\n`);
  await put('coco.json', '{"images":[{"id":1,"file_name":"eye.jpg"}],"annotations":[]}');
  await put('settings.json', '{"size":1}');
  const source = await loadAnnotations(folder);
  expect(source.notes).toEqual(['settings.json is JSON but no COCO annotation']);
  const found = await annotationsFor(source, 'eye.jpg', width, height);
  expect(
    found.kind === 'annotated' && found.sources.map((part) => part.kind === 'annotation' && part.format),
  ).toEqual(['mask-png', 'voc-xml', 'coco-json', 'csv']);
});

it('refuses a missing place and a folder without annotations', async () => {
  await expect(loadAnnotations(join(folder, 'nowhere'))).rejects.toMatchObject({
    code: 'annotation-unreadable',
  });
  await put('readme.txt', 'hello');
  await expect(loadAnnotations(folder)).rejects.toMatchObject({ code: 'annotation-unreadable' });
});

describe.skipIf(realData === null)(`real masks (${needsRealData})`, () => {
  it('of 14 IDRiD images are read with their classes and sizes', async () => {
    const masks = join(realData?.images ?? '', 'idrid_seg');
    const source = await loadAnnotations(masks);
    for (let number = 1; number <= 14; number++) {
      const name = `IDRiD_${String(number).padStart(2, '0')}`;
      const found = await annotationsFor(source, `${name}.jpg`, 1024, 680);
      const regions = found.kind === 'annotated' ? found.regions : [];
      expect(regions.map((region) => region.class)).toEqual(expect.arrayContaining(['EX', 'HE', 'MA', 'OD']));
      // The disc has about 1.7 % of the frame in every one of these images.
      const disc = regions.find((region) => region.class === 'OD');
      const share = disc?.kind === 'mask' ? disc.mask.data.reduce((sum, v) => sum + v, 0) / (1024 * 680) : 0;
      expect(share).toBeGreaterThan(0.01);
      expect(share).toBeLessThan(0.03);
    }
  });
});

const header = 'file,class,x,y,width,height\n';

async function find(image: string) {
  return annotationsFor(await loadAnnotations(folder), image, width, height);
}

async function put(name: string, content: string | Buffer) {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
}

function withSet(...indices: number[]): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, index) => (indices.includes(index) ? 1 : 0));
}

function maskPng(indices: number[]): Promise<Buffer> {
  const data = withSet(...indices).map((value) => value * 255);
  return sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}

function flipped(bytes: Buffer): Buffer {
  bytes[bytes.indexOf('IDAT') + 8] ^= 0x10;
  return bytes;
}

function voc(objects: string): string {
  return `<?xml version="1.0"?><annotation><filename>eye.jpg</filename><size><width>8</width><height>6</height><depth>3</depth></size>${objects}</annotation>`;
}

function box(xmin: string, ymin: string, xmax: string, ymax: string): string {
  return voc(
    `<object><name>HE</name><bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>`,
  );
}
