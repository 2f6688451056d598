import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import type { Raster } from '../../src/ml/imaging/raster.ts';
import { synthesizeFundus } from '../../src/ml/imaging/synthetic-fundus.ts';
import { encodeLossless } from '../../src/ml/imaging/write-image.ts';
import { bitFlipped, claimingSize, makePipe, randomBytes, truncated } from './damage.ts';

/** A folder of images for one job; paths relative to it. */
export interface ImageCorpus {
  /** Must be listed as failed, with a reason. */
  readonly damaged: readonly string[];
  /** Must be listed as left out, with a reason: no files, or none of the set. */
  readonly leftOut: readonly string[];
  /** Must be protected. */
  readonly good: readonly string[];
  /** Valid, but protected only with a note that says what was done to them. */
  readonly noted: readonly string[];
}

/** Side of the good images in pixels, and of those that are damaged. */
const side = 112;
const smallSide = 64;

/** Writes the corpus; `outside` is a folder beside it that links lead to. */
export async function writeImageCorpus(folder: string, outside: string): Promise<ImageCorpus> {
  const files = new Map<string, Uint8Array>();
  for (const [name, bytes] of await damagedFiles()) files.set(`damaged/${name}`, bytes);
  const damaged = [...files.keys()];
  const good = await goodFiles();
  for (const [name, bytes] of good) files.set(name, bytes);
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return {
    damaged,
    leftOut: await writeLeftOut(folder, outside),
    good: [...good.keys()],
    noted: ['cmyk.jpg', 'really-a-tiff.png'],
  };
}

async function damagedFiles(): Promise<[string, Uint8Array][]> {
  const eye = synthesizeFundus({ grade: 2, seed: 7, size: smallSide }).raster;
  const png = await encodeLossless(eye, 'png', null);
  const tiff = await encodeLossless(eye, 'tiff', null);
  const webp = await encodeLossless(eye, 'webp', null);
  const jpeg = await sharp(png).jpeg({ quality: 90 }).toBuffer();
  const numbered = (name: string, list: readonly Buffer[]) =>
    list.map((bytes, index): [string, Buffer] => [name.replace('#', String(index)), bytes]);
  return [
    ...numbered('cut-#.png', truncated(png, 20, 1)),
    ...numbered('cut-#.jpg', truncated(jpeg, 16, 2)),
    ...numbered('cut-#.tif', truncated(tiff, 12, 3)),
    ...numbered('cut-#.webp', truncated(webp, 12, 4)),
    // PNG carries checksums, so every flip must show; what other formats let through is looked at elsewhere.
    ...numbered('flipped-header-#.png', bitFlipped(png, 8, 5, 0, 29)),
    ...numbered('flipped-body-#.png', bitFlipped(png, 12, 6, png.indexOf('IDAT') + 4, png.length - 12)),
    ...numbered('flipped-signature-#.jpg', bitFlipped(jpeg, 3, 7, 0, 2)),
    ...numbered('flipped-signature-#.tif', bitFlipped(tiff, 3, 8, 0, 4)),
    ...['png', 'jpg', 'jpeg', 'tif', 'tiff', 'webp', 'gif', 'avif'].flatMap((extension, index) => [
      [`empty.${extension}`, Buffer.alloc(0)] as [string, Buffer],
      [`noise.${extension}`, randomBytes(500 + index, 100 + index)] as [string, Buffer],
    ]),
    ...numbered(
      'noise-after-signature-#.png',
      [png.subarray(0, 8), jpeg.subarray(0, 4), tiff.subarray(0, 8), webp.subarray(0, 16)].map(
        (start, index) => Buffer.concat([start, randomBytes(400, 200 + index)]),
      ),
    ),
    ['claims-100-gigapixels.png', claimingSize(png, 316_000, 316_000)],
    ['claims-the-largest-size.png', claimingSize(png, 2 ** 31 - 1, 2 ** 31 - 1)],
    ['claims-one-long-row.png', claimingSize(png, 2 ** 31 - 1, 1)],
    ['claims-more-than-it-has.png', claimingSize(png, 5000, 5000)],
    ['claims-no-width.png', claimingSize(png, 0, smallSide)],
    ['claims-65535-squared.jpg', claimingLargestJpeg(jpeg)],
    ['claims-65535-squared.gif', claimingLargestGif(await sharp(png).gif().toBuffer())],
    ...(await severalPictures(eye, png)),
    ...foreignFiles(),
    ...(await notARetina()),
    ...(await hostileNames(png)),
  ];
}

function claimingLargestJpeg(jpeg: Buffer): Buffer {
  const copy = Buffer.from(jpeg);
  const frame = copy.indexOf(Buffer.from([0xff, 0xc0]));
  copy.fill(0xff, frame + 5, frame + 9);
  return copy;
}

function claimingLargestGif(gif: Buffer): Buffer {
  const copy = Buffer.from(gif);
  // The screen and its one frame; a screen alone is corrected by the decoder.
  const frame = copy.indexOf(Buffer.from([0x2c, 0, 0, 0, 0]));
  copy.fill(0xff, 6, 10);
  copy.fill(0xff, frame + 5, frame + 9);
  return copy;
}

/** Animations and files of several pages, intact: protecting only the first would leave the others open. */
async function severalPictures({ data, width, height }: Raster, png: Buffer): Promise<[string, Buffer][]> {
  const two = Buffer.concat([Buffer.from(data), Buffer.from(data).fill(90, 0, 4000)]);
  const pages = () => sharp(two, { raw: { width, height: 2 * height, channels: 3, pageHeight: height } });
  return [
    ['animated.gif', await pages().gif().toBuffer()],
    ['animated.webp', await pages().webp({ lossless: true }).toBuffer()],
    ['pages.tif', await pages().tiff().toBuffer()],
    ['animated.png', withAnimationChunk(png)],
  ];
}

function withAnimationChunk(png: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('acTL'), Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])]);
  const chunk = Buffer.alloc(4 + body.length + 4);
  chunk.writeUInt32BE(8, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), 4 + body.length);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

function foreignFiles(): [string, Buffer][] {
  const texts: Readonly<Record<string, string>> = {
    svg: '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    'svg-bomb': `<!DOCTYPE svg [<!ENTITY a "${'x'.repeat(99)}"><!ENTITY b "${'&a;'.repeat(99)}">]><svg>&b;</svg>`,
    pdf: '%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< >>\n%%EOF\n',
    html: '<!DOCTYPE html><html><body>404 not found</body></html>',
    text: 'This was a photograph once.\n',
    json: '{"image":null}',
    zip: 'PK\u0003\u0004\u0014\u0000\u0000\u0000',
    pnm: 'P6\n4 4\n255\n',
    heic: '\u0000\u0000\u0000\u0018ftypheic\u0000\u0000\u0000\u0000',
    program: '\u007fELF\u0002\u0001\u0001',
    dicom: `${'\u0000'.repeat(128)}DICM\u0002\u0000`,
    bmp: `BM${'\u0000'.repeat(60)}`,
  };
  const named = Object.entries(texts).map(([name, text]): [string, Buffer] => [
    `${name}-named.jpg`,
    Buffer.from(text, 'latin1'),
  ]);
  return [...named, ['gzip-named.jpg', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])]];
}

async function notARetina(): Promise<[string, Buffer][]> {
  const flat = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: 'black' } })
      .png()
      .toBuffer();
  return [
    ['black.png', await flat(64, 64)],
    ['one-pixel.png', await flat(1, 1)],
    ['one-row.png', await flat(3000, 1)],
  ];
}

/** Cut files under names that shells, terminals, templates or objects could trip over, and intact ones under impossible names. */
async function hostileNames(png: Buffer): Promise<[string, Buffer][]> {
  const intact = await eyePng(9);
  const cut = png.subarray(0, 200);
  const names = [
    `quote' "double" \`back\` $(id).png`,
    '-rf.png',
    'a;b&c|d>e.png',
    '%s%n%d${x}{{y}}.png',
    '__proto__.png',
    'constructor.png',
    'CON.png',
    ' spaces  around .png',
    'right\u202Egnp.exe.png',
    'zero\u200Bwidth.png',
    'ünïcödé-眼底.png',
    `${'long'.repeat(50)}.png`,
  ];
  const impossible = ['line\nbreak.png', 'carriage\rreturn.png', 'red\u001b[31m.png', 'back\\slash.png'];
  return [
    ...names.map((name): [string, Buffer] => [name, cut]),
    ...(process.platform === 'win32' ? [] : impossible.map((name): [string, Buffer] => [name, intact])),
    // Fits as a source, but the certificate's name would be longer than the file system takes.
    [`${'l'.repeat(245)}.png`, intact],
  ];
}

async function goodFiles(): Promise<Map<string, Uint8Array>> {
  const eye = synthesizeFundus({ grade: 3, seed: 11, size: side }).raster;
  const png = await encodeLossless(eye, 'png', null);
  const pixels = side * side;
  const green = Array.from({ length: pixels }, (_, index) => eye.data[index * 3 + 1] ?? 0);
  const grey16: Raster = {
    ...{ width: side, height: side, channels: 1, bitDepth: 16 },
    data: Uint16Array.from(green, (value) => value * 257),
  };
  const tiff = await encodeLossless(eye, 'tiff', null);
  return new Map<string, Uint8Array>([
    ['plain.png', png],
    ['deep/er/photo.jpg', await sharp(png).jpeg({ quality: 95 }).toBuffer()],
    ['cmyk.jpg', await sharp(png).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()],
    ['really-a-tiff.png', tiff],
    ['grey-16.png', await encodeLossless(grey16, 'png', null)],
    ['palette.png', await sharp(png).png({ palette: true }).toBuffer()],
    ['alpha.webp', await sharp(png).ensureAlpha().webp({ lossless: true }).toBuffer()],
    [`it's fine $(true) ünï.tif`, tiff],
  ]);
}

async function eyePng(seed: number): Promise<Buffer> {
  return encodeLossless(synthesizeFundus({ grade: 1, seed, size: side }).raster, 'png', null);
}

async function writeLeftOut(folder: string, outside: string): Promise<string[]> {
  const left = ['notes.txt', 'scan.dcm', 'old.bmp', '.hidden.png', 'drawing.svg'];
  for (const name of left) await writeFile(join(folder, name), 'x');
  await mkdir(join(folder, 'a-folder.png'));
  if (process.platform === 'win32') return left;
  await mkdir(outside, { recursive: true });
  await writeFile(join(outside, 'secret.png'), await eyePng(10));
  const links: Readonly<Record<string, string>> = {
    'loop-a.png': 'loop-b.png',
    'loop-b.png': 'loop-a.png',
    'itself.png': 'itself.png',
    parent: '..',
    'root.png': '/',
    'out.png': join(outside, 'secret.png'),
    'out-folder': outside,
    'broken.png': 'nowhere.png',
    'device.png': '/dev/zero',
  };
  for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, name));
  makePipe(join(folder, 'pipe.png'));
  return [...left, ...Object.keys(links), 'pipe.png'];
}
