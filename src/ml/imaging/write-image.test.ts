import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import type { ImageMetadata } from './image-metadata.ts';
import type { Raster } from './raster.ts';
import { decodeImage } from './read-image.ts';
import { encodeLossless } from './write-image.ts';

const noMetadata = (raster: Raster): ImageMetadata => ({
  format: 'png',
  width: raster.width,
  height: raster.height,
  channels: raster.channels,
  bitDepth: raster.bitDepth,
  icc: null,
  exif: null,
  xmp: null,
  orientation: 1,
  density: null,
  notes: [],
});

function randomRaster(
  width: number,
  height: number,
  channels: 1 | 2 | 3 | 4,
  bitDepth: 8 | 16,
  seed: number,
): Raster {
  const random = createRandom(seed);
  const length = width * height * channels;
  const shape = { width, height, channels };
  const draw = (): number => random.integer(bitDepth === 8 ? 256 : 65_536);
  const data = bitDepth === 8 ? Uint8Array.from({ length }, draw) : Uint16Array.from({ length }, draw);
  // Transparent pixels with colours under them: encoders like to clear those.
  if (channels % 2 === 0) for (let p = 0; p < width * height; p += 3) data[p * channels + channels - 1] = 0;
  return data instanceof Uint8Array ? { ...shape, bitDepth: 8, data } : { ...shape, bitDepth: 16, data };
}

describe('encodeLossless', () => {
  it('gives back every sample of every depth and channel count from PNG and TIFF', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
        fc.constantFrom(8 as const, 16 as const),
        fc.constantFrom('png' as const, 'tiff' as const),
        fc.nat(1e6),
        async (width, height, channels, bitDepth, format, seed) => {
          const raster = randomRaster(width, height, channels, bitDepth, seed);
          const { raster: decoded } = await decodeImage(
            await encodeLossless(raster, format, null),
            `x.${format}`,
          );
          expect(decoded).toEqual(raster);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('gives back every sample of 8-bit RGB and RGBA from lossless WebP', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(3 as const, 4 as const),
        fc.nat(1e6),
        async (width, height, channels, seed) => {
          const raster = randomRaster(width, height, channels, 8, seed);
          const { raster: decoded } = await decodeImage(await encodeLossless(raster, 'webp', null), 'x.webp');
          expect(decoded).toEqual(raster);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each(['png', 'tiff', 'webp'] as const)(
    'keeps an alpha channel that is opaque throughout (%s)',
    async (format) => {
      const raster = randomRaster(9, 7, 4, 8, 1);
      for (let p = 0; p < 63; p++) raster.data[4 * p + 3] = 255;
      const { raster: decoded } = await decodeImage(
        await encodeLossless(raster, format, null),
        `x.${format}`,
      );
      expect(decoded).toEqual(raster);
    },
  );

  it('keeps more than one TIFF strip apart', async () => {
    const raster = randomRaster(700, 600, 3, 16, 5);
    const { raster: decoded } = await decodeImage(await encodeLossless(raster, 'tiff', null), 'x.tiff');
    expect(Buffer.compare(Buffer.from(decoded.data.buffer), Buffer.from(raster.data.buffer))).toBe(0);
  });

  it('refuses WebP for what it cannot hold', async () => {
    await expect(encodeLossless(randomRaster(4, 4, 3, 16, 1), 'webp', null)).rejects.toMatchObject({
      code: 'image-unsupported',
    });
    await expect(encodeLossless(randomRaster(4, 4, 1, 8, 1), 'webp', null)).rejects.toThrow(/no grey/);
    await expect(encodeLossless(randomRaster(16_384, 1, 3, 8, 1), 'webp', null)).rejects.toThrow(/16,383/);
  });
});

describe('metadata in lossless files', () => {
  const raster = randomRaster(12, 8, 3, 8, 3);
  const xmp = Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>left eye</a></x:xmpmeta>');

  it.each(['png', 'tiff', 'webp'] as const)(
    'keeps profile, EXIF, orientation and XMP and no sample changes (%s)',
    async (format) => {
      const metadata = {
        ...noMetadata(raster),
        icc: await p3Profile(),
        exif: exifWithThumbnail(),
        xmp,
        orientation: 6,
        density: 300,
      };
      const { raster: decoded, metadata: read } = await decodeImage(
        await encodeLossless(raster, format, metadata),
        `x.${format}`,
      );
      expect(decoded).toEqual(raster);
      expect(read.orientation).toBe(6);
      expect(read.icc).toEqual(metadata.icc);
      expect(Buffer.from(read.xmp ?? []).toString()).toContain('left eye');
      expect(Buffer.from(read.exif ?? []).toString('latin1')).toContain('Camera maker');
      if (format !== 'webp') expect(read.density).toBeCloseTo(300, 0);
      expect(read.notes).toEqual([]);
    },
  );

  it.each(['png', 'tiff', 'webp'] as const)(
    'removes the EXIF thumbnail, which would show the unmarked picture (%s)',
    async (format) => {
      const exif = exifWithThumbnail();
      expect(Buffer.from(exif).includes('THUMBNAIL')).toBe(true);
      const file = await encodeLossless(raster, format, { ...noMetadata(raster), exif });
      expect(file.includes('Camera maker')).toBe(true);
      expect(file.includes('THUMBNAIL')).toBe(false);
    },
  );

  it.each(['png', 'tiff', 'webp'] as const)(
    'writes nothing but pixels without metadata (%s)',
    async (format) => {
      const { metadata } = await decodeImage(await encodeLossless(raster, format, null), `x.${format}`);
      expect(metadata).toMatchObject({ icc: null, exif: null, xmp: null, orientation: 1 });
    },
  );

  it.each(['png', 'tiff', 'webp'] as const)(
    'keeps an orientation that came without EXIF (%s)',
    async (format) => {
      const file = await encodeLossless(raster, format, { ...noMetadata(raster), orientation: 8 });
      expect((await decodeImage(file, `x.${format}`)).metadata.orientation).toBe(8);
    },
  );

  it('leaves a damaged EXIF block, a preview in XMP and a profile of another kind out', async () => {
    const grey = randomRaster(5, 5, 1, 8, 1);
    const file = await encodeLossless(grey, 'png', {
      ...noMetadata(grey),
      icc: await p3Profile(),
      exif: Uint8Array.of(0x49, 0x49, 42, 0, 255, 255, 255, 255, 0, 0),
      xmp: Buffer.from('<xmpGImg:image>/9j/4AAQ</xmpGImg:image>'),
    });
    const { metadata } = await decodeImage(file, 'x.png');
    expect(metadata).toMatchObject({ icc: null, exif: null, xmp: null });
  });

  it('does not change samples by a profile when reading', async () => {
    const file = await encodeLossless(raster, 'png', { ...noMetadata(raster), icc: await p3Profile() });
    const plain = await encodeLossless(raster, 'png', null);
    expect((await decodeImage(file, 'x.png')).raster).toEqual((await decodeImage(plain, 'x.png')).raster);
  });
});

async function p3Profile(): Promise<Uint8Array> {
  const file = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#fff' } })
    .withIccProfile('p3')
    .png()
    .toBuffer();
  return new Uint8Array((await sharp(file).metadata()).icc ?? []);
}

/** Big-endian EXIF: Make and Orientation in directory 0, a JPEG thumbnail of 16 bytes in directory 1. */
function exifWithThumbnail(): Uint8Array {
  const bytes = Buffer.alloc(120);
  const entry = (at: number, tag: number, type: number, count: number, value: number): void => {
    bytes.writeUInt16BE(tag, at);
    bytes.writeUInt16BE(type, at + 2);
    bytes.writeUInt32BE(count, at + 4);
    if (type === 3) bytes.writeUInt16BE(value, at + 8);
    else bytes.writeUInt32BE(value, at + 8);
  };
  bytes.write('MM\0*', 0, 'latin1');
  bytes.writeUInt32BE(8, 4);
  bytes.writeUInt16BE(2, 8);
  entry(10, 271, 2, 13, 84);
  entry(22, 274, 3, 1, 6);
  bytes.writeUInt32BE(38, 34);
  bytes.writeUInt16BE(3, 38);
  entry(40, 259, 3, 1, 6);
  entry(52, 0x0201, 4, 1, 100);
  entry(64, 0x0202, 4, 1, 16);
  bytes.write('Camera maker\0', 84, 'latin1');
  bytes.write('\u00ff\u00d8\u00ffTHUMBNAIL\u00ff\u00d9', 100, 'latin1');
  return new Uint8Array(bytes);
}
