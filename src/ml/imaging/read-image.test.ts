import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../shared/failure.ts';
import { createRandom } from '../random.ts';
import { decodeImage, readImage } from './read-image.ts';

const side = 64;
const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7 + (i >> 5) * 13) & 255);
const picture = sharp(pixels, { raw: { width: side, height: side, channels: 3 } });

const encoded = {
  jpg: () => picture.clone().jpeg({ quality: 90 }).toBuffer(),
  png: () => picture.clone().png().toBuffer(),
  tif: () => picture.clone().tiff({ compression: 'lzw' }).toBuffer(),
  webp: () => picture.clone().webp({ lossless: true }).toBuffer(),
  gif: () => picture.clone().gif().toBuffer(),
} as const;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medlocker-read-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The failure of a call; anything else that is thrown, or nothing thrown, fails the test. */
async function failureOf(action: Promise<unknown>): Promise<Failure> {
  const outcome = await action.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Failure);
  return outcome as Failure;
}

describe('readImage', () => {
  it('reads a JPEG turned by EXIF as stored and reports the orientation', async () => {
    const file = path.join(folder, 'turned.jpg');
    await picture
      .clone()
      .extract({ left: 0, top: 0, width: 40, height: 20 })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(file);
    const { raster, metadata } = await readImage(file);
    expect([raster.width, raster.height, metadata.orientation]).toEqual([40, 20, 6]);
    expect(metadata.exif).not.toBeNull();
  });

  it('names a missing file, a folder, an empty file and a link that leads to itself', async () => {
    await writeFile(path.join(folder, 'empty.png'), '');
    await mkdir(path.join(folder, 'folder.png'));
    await symlink(path.join(folder, 'loop.png'), path.join(folder, 'loop.png'));
    const messages = await Promise.all(
      ['missing.png', 'folder.png', 'empty.png', 'loop.png'].map(
        async (name) => (await failureOf(readImage(path.join(folder, name)))).message,
      ),
    );
    expect(messages).toEqual([
      'missing.png does not exist',
      'folder.png is a folder, not an image',
      'empty.png is empty (0 bytes)',
      'loop.png is a symbolic link that leads back to itself',
    ]);
  });
});

describe('decodeImage', () => {
  it('goes by the content and notes a name that says otherwise', async () => {
    const { raster, metadata } = await decodeImage(await encoded.png(), 'photo.jpg');
    expect(raster.data).toEqual(pixels);
    expect(metadata.format).toBe('png');
    expect(metadata.notes).toHaveLength(1);
  });

  it('expands palettes to RGB and keeps 1-bit grey as 0 and 255', async () => {
    const flat = sharp({ create: { width: 8, height: 4, channels: 3, background: '#c06030' } });
    const palette = await flat.clone().png({ palette: true, colours: 4 }).toBuffer();
    expect((await sharp(palette).metadata()).isPalette).toBe(true);
    const { raster } = await decodeImage(palette, 'p.png');
    expect(raster.channels).toBe(3);
    expect([...raster.data.subarray(0, 3)]).toEqual([0xc0, 0x60, 0x30]);
    const bits = await flat.clone().threshold(128).toColourspace('b-w').tiff({ bitdepth: 1 }).toBuffer();
    const grey = (await decodeImage(bits, 'b.tif')).raster;
    expect([grey.channels, new Set(grey.data).size]).toEqual([1, 1]);
  });

  it('converts CMYK to 8-bit sRGB and says so', async () => {
    const cmyk = await picture.clone().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    const { raster, metadata } = await decodeImage(cmyk, 'scan.jpg');
    expect([raster.channels, raster.bitDepth, metadata.icc]).toEqual([3, 8, null]);
    expect(metadata.notes.join()).toMatch(/CMYK/);
  });

  it('refuses pictures of several frames or pages', async () => {
    const strip = picture.clone().extract({ left: 0, top: 0, width: 16, height: 32 });
    const tall = await strip.raw().toBuffer();
    const animated = sharp(tall, { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } });
    for (const [name, bytes] of [
      ['a.gif', await animated.clone().gif().toBuffer()],
      ['a.webp', await animated.clone().webp().toBuffer()],
      ['a.png', animatedPng(await encoded.png())],
    ] as const) {
      const failure = await failureOf(decodeImage(bytes, name));
      expect(failure.code).toBe('image-unsupported');
      expect(failure.message).toMatch(/only single pictures/);
    }
  });

  it('refuses floating-point samples by name', async () => {
    const float = floatTiff();
    expect((await sharp(float).metadata()).depth).toBe('float');
    expect((await failureOf(decodeImage(float, 'f.tif'))).message).toMatch(/32-bit floating-point/);
  });

  it.each([
    ['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'an SVG drawing'],
    ['<?xml version="1.0"?>\n<!-- c --><svg/>', 'an SVG drawing'],
    ['%PDF-1.7\n', 'a PDF document'],
    [`${'\0'.repeat(128)}DICM`, 'a DICOM file'],
    ['<!DOCTYPE html><html></html>', 'an HTML page'],
    ['PK\u0003\u0004....', 'a zip archive'],
    ['P6\n2 2\n255\n............', 'a PNM image'],
  ])('names a foreign file: %j', async (content, kind) => {
    const failure = await failureOf(decodeImage(Buffer.from(content, 'latin1'), 'x.png'));
    expect(failure.code).toBe('image-unsupported');
    expect(failure.message).toContain(kind);
    expect(failure.hint).toBeDefined();
  });

  it('refuses a size over the limit before decoding, also one that is only claimed', async () => {
    expect(
      (await failureOf(decodeImage(await encoded.png(), 'x.png', { maxPixels: 1000 }))).message,
    ).toContain('64 x 64');
    const bomb = await encoded.png();
    bomb.writeUInt32BE(1_000_000, 16);
    bomb.writeUInt32BE(1_000_000, 20);
    fixHeaderChecksum(bomb);
    expect((await failureOf(decodeImage(bomb, 'bomb.png'))).code).toMatch(/^image-un/);
  });
});

describe('damaged files', () => {
  const kinds = ['jpg', 'png', 'tif', 'webp', 'gif'] as const;

  it.each(kinds)('refuses every truncation of a %s', async (kind) => {
    const whole = await encoded[kind]();
    await decodeImage(whole, `whole.${kind}`);
    for (let i = 1; i <= 30; i++) {
      // The last bytes of PNG, GIF and TIFF files carry no samples: cut at least a tenth off.
      const cut = whole.subarray(0, Math.floor((whole.length * 0.9 * i) / 30));
      const failure = await failureOf(decodeImage(cut, `cut.${kind}`));
      expect(failure.code).toBe('image-unreadable');
      expect(failure.message).not.toContain('\n');
    }
  });

  it.each(kinds)(
    'survives flipped bits in a %s: a picture of the same size or a one-line reason',
    async (kind) => {
      const whole = await encoded[kind]();
      const random = createRandom(17);
      for (let i = 0; i < 60; i++) {
        const damaged = Buffer.from(whole);
        // The first flips hit the header, the others anywhere.
        const at = random.integer(i < 25 ? 64 : damaged.length);
        damaged[at] ^= 1 << random.integer(8);
        const outcome = await decodeImage(damaged, `flipped.${kind}`, { maxPixels: 1e6 }).catch(
          (error: unknown) => error,
        );
        if (outcome instanceof Error) {
          expect(outcome).toBeInstanceOf(Failure);
          expect(outcome.message).not.toContain('\n');
        } else expect(outcome).toHaveProperty('raster.data');
      }
    },
  );

  it('refuses random bytes', async () => {
    const random = createRandom(5);
    for (let i = 0; i < 20; i++) {
      const noise = Uint8Array.from({ length: 1 + random.integer(500) }, () => random.integer(256));
      expect((await failureOf(decodeImage(noise, 'noise.png'))).code).toMatch(/^image-un/);
    }
  });
});

function animatedPng(png: Buffer): Buffer {
  // An animation control chunk after the header (8 + 25 bytes); its checksum is not looked at.
  const control = Buffer.alloc(20);
  control.writeUInt32BE(8, 0);
  control.write('acTL', 4, 'latin1');
  return Buffer.concat([png.subarray(0, 33), control, png.subarray(33)]);
}

function fixHeaderChecksum(png: Buffer): void {
  let crc = 0xffff_ffff;
  for (const byte of png.subarray(12, 29)) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  png.writeUInt32BE((crc ^ 0xffff_ffff) >>> 0, 29);
}

/** 2 x 2 grey pixels as 32-bit floats, uncompressed, little-endian. */
function floatTiff(): Buffer {
  const entries = [
    [256, 3, 1, 2],
    [257, 3, 1, 2],
    [258, 3, 1, 32],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [273, 4, 1, 8],
    [277, 3, 1, 1],
    [278, 3, 1, 2],
    [279, 4, 1, 16],
    [339, 3, 1, 3],
  ] as const;
  const bytes = Buffer.alloc(24 + 2 + entries.length * 12 + 4);
  bytes.write('II*\0', 0, 'latin1');
  bytes.writeUInt32LE(24, 4);
  [0, 0.25, 0.5, 1].forEach((value, i) => bytes.writeFloatLE(value, 8 + 4 * i));
  bytes.writeUInt16LE(entries.length, 24);
  entries.forEach(([tag, type, count, value], i) => {
    bytes.writeUInt16LE(tag, 26 + 12 * i);
    bytes.writeUInt16LE(type, 28 + 12 * i);
    bytes.writeUInt32LE(count, 30 + 12 * i);
    bytes.writeUInt32LE(value, 34 + 12 * i);
  });
  return bytes;
}
