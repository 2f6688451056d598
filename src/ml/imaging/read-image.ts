import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { Metadata, Sharp } from 'sharp';
import { Failure } from '../../shared/failure.ts';
import { exifOfTiff } from './exif-of-tiff.ts';
import { withoutExifPrefix } from './exif.ts';
import type { ImageMetadata } from './image-metadata.ts';
import { foreignFormat, isAnimatedPng } from './image-signature.ts';
import type { Raster } from './raster.ts';

export interface ReadImageOptions {
  /** Refuse pictures of more pixels than this before any of them is decoded. */
  readonly maxPixels?: number;
}

export interface DecodedImage {
  readonly raster: Raster;
  readonly metadata: ImageMetadata;
}

/** 20,000 x 20,000: far above any fundus camera, far below what a decompression bomb claims. */
const defaultMaxPixels = 400e6;

/** Bytes a file may have: node reads at most 2 GiB at once, and a fundus photograph has at most some hundred MB. */
const maxFileBytes = 2 ** 31 - 1;

const extensionsOf: Readonly<Record<string, readonly string[]>> = {
  jpeg: ['.jpg', '.jpeg', '.jpe', '.jfif'],
  png: ['.png'],
  tiff: ['.tif', '.tiff'],
  webp: ['.webp'],
  gif: ['.gif'],
  avif: ['.avif'],
};

/**
 * Reads an image file as it is stored: no orientation, no colour conversion, no loss of depth.
 * Grey, grey+alpha, RGB and RGBA at 8 or 16 bits keep their numbers; palettes become RGB(A), fewer than 8 bits are
 * scaled to 8, CMYK becomes 8-bit sRGB with a note in the metadata.
 * @throws Failure `image-unreadable` for missing, damaged and truncated files, `image-unsupported` for intact files of
 * another kind (SVG, PDF, DICOM, several pages, float samples, more than `maxPixels` pixels).
 */
export async function readImage(file: string, options: ReadImageOptions = {}): Promise<DecodedImage> {
  return decodeImage(await readBytes(file), file, options);
}

/** Like `readImage`, for the bytes of a file; `name` stands in messages, and its extension is compared with the content. */
export async function decodeImage(
  bytes: Uint8Array,
  name: string,
  options: ReadImageOptions = {},
): Promise<DecodedImage> {
  const shown = path.basename(name);
  if (bytes.length === 0) {
    throw unreadable(name, `${shown} is empty (0 bytes)`, 'Copy the file again from its source.');
  }
  const foreign = foreignFormat(bytes);
  if (foreign !== undefined) {
    throw unsupported(name, `${shown} is ${foreign}, not a photograph this program reads`, exportHint);
  }
  const header = await readHeader(bytes, name, shown);
  refuseUnsupported(header, bytes, name, shown, options.maxPixels ?? defaultMaxPixels);
  return decodeSamples(bytes, name, shown, header);
}

async function readBytes(file: string): Promise<Uint8Array> {
  const shown = path.basename(file);
  try {
    const info = await stat(file);
    if (info.isDirectory())
      throw unreadable(file, `${shown} is a folder, not an image`, 'Give the path of an image file.');
    if (!info.isFile())
      throw unreadable(file, `${shown} is not a regular file`, 'Give the path of an image file.');
    if (info.size > maxFileBytes)
      throw unsupported(file, `${shown} has ${info.size} bytes, more than 2 GiB`, exportHint);
    return await readFile(file);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const reason = fileErrors[code] ?? [`cannot be read (${code})`, 'Check the disk and the path.'];
    throw unreadable(file, `${shown} ${reason[0]}`, reason[1], error);
  }
}

const fileErrors: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['does not exist', 'Check the path.'],
  ENOTDIR: ['does not exist: a part of its path is not a folder', 'Check the path.'],
  EACCES: ['cannot be opened: permission denied', 'Give your user read permission to the file.'],
  EPERM: ['cannot be opened: permission denied', 'Give your user read permission to the file.'],
  ELOOP: ['is a symbolic link that leads back to itself', 'Replace the link by the file it should point to.'],
};

const exportHint = 'Export the photograph as PNG, TIFF or JPEG.';

const decoderOptions = { ignoreIcc: true, limitInputPixels: false, limitInputChannels: false } as const;

async function readHeader(bytes: Uint8Array, name: string, shown: string): Promise<Metadata> {
  try {
    return await sharp(bytes, decoderOptions).metadata();
  } catch (error) {
    const text = reasonOf(error);
    const foreign = text.includes('unsupported image format');
    throw unreadable(
      name,
      foreign ? `${shown} is not an image, or its beginning is damaged` : `${shown} is damaged: ${text}`,
      foreign ? 'Give a JPEG, PNG, TIFF, WebP, GIF or AVIF file.' : damagedHint,
      error,
    );
  }
}

const damagedHint = 'Copy the file again from its source, or leave it out.';

function refuseUnsupported(
  header: Metadata,
  bytes: Uint8Array,
  name: string,
  shown: string,
  maxPixels: number,
): void {
  const { width, height } = header;
  if (extensionsOf[formatName(header)] === undefined) {
    throw unsupported(
      name,
      `${shown} is a ${header.format} file, which is not read as a photograph`,
      exportHint,
    );
  }
  if (width * height > maxPixels) {
    throw unsupported(
      name,
      `${shown} claims ${width} x ${height} pixels, more than the limit of ${(maxPixels / 1e6).toFixed(0)} million`,
      'Raise the pixel limit if the size is real; a file that merely claims it is damaged or hostile.',
    );
  }
  if ((header.pages ?? 1) > 1 || (header.format === 'png' && isAnimatedPng(bytes))) {
    const pages = header.pages === undefined ? 'several frames' : `${header.pages} pages or frames`;
    throw unsupported(
      name,
      `${shown} holds ${pages}; only single pictures are read`,
      'Export each page as a file of its own.',
    );
  }
  if (header.depth !== 'uchar' && header.depth !== 'ushort') {
    throw unsupported(
      name,
      `${shown} has ${depthName(header.depth)} samples; 8 and 16 bits are read`,
      exportHint,
    );
  }
  if (!['b-w', 'grey16', 'srgb', 'rgb16', 'rgb', 'cmyk'].includes(header.space)) {
    throw unsupported(
      name,
      `${shown} is in the colour space ${header.space}; grey, RGB and CMYK are read`,
      exportHint,
    );
  }
  if (header.space !== 'cmyk' && header.channels > 4) {
    throw unsupported(name, `${shown} has ${header.channels} channels; up to RGBA (4) are read`, exportHint);
  }
}

function depthName(depth: string): string {
  const names: Readonly<Record<string, string>> = {
    float: '32-bit floating-point',
    double: '64-bit floating-point',
    char: 'signed 8-bit',
    short: 'signed 16-bit',
    uint: '32-bit',
    int: 'signed 32-bit',
    complex: 'complex',
    dpcomplex: 'complex',
  };
  return names[depth] ?? depth;
}

async function decodeSamples(
  bytes: Uint8Array,
  name: string,
  shown: string,
  header: Metadata,
): Promise<DecodedImage> {
  const notes: string[] = [];
  const format = formatName(header);
  if (path.extname(name) !== '' && !extensionsOf[format]?.includes(path.extname(name).toLowerCase())) {
    notes.push(`The name ends in ${path.extname(name)}, the content is ${format}; the content was used.`);
  }
  const cmyk = header.space === 'cmyk';
  if (cmyk)
    notes.push('CMYK samples were converted to 8-bit sRGB; the converted picture counts as the original.');

  const decoded = await decodeWithPatience(bytes, name, shown, header, notes);
  const { width, height } = decoded;
  const channels = decoded.channels as 1 | 2 | 3 | 4;
  const raster: Raster =
    decoded.data instanceof Uint16Array
      ? { width, height, channels, bitDepth: 16, data: decoded.data }
      : { width, height, channels, bitDepth: 8, data: decoded.data };
  return {
    raster,
    metadata: {
      format,
      width,
      height,
      channels,
      bitDepth: raster.bitDepth,
      icc: cmyk || header.icc === undefined ? null : new Uint8Array(header.icc),
      exif: exifOf(header, bytes),
      xmp: header.xmp === undefined ? null : new Uint8Array(header.xmp),
      orientation: header.orientation ?? 1,
      density: header.density ?? null,
      notes,
    },
  };
}

function exifOf(header: Metadata, bytes: Uint8Array): Uint8Array | null {
  if (header.exif !== undefined) return withoutExifPrefix(header.exif);
  return header.format === 'tiff' ? exifOfTiff(bytes) : null;
}

interface Samples {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Uint16Array;
}

/**
 * Decodes strictly: any complaint of the decoder about the samples refuses the file, because libjpeg, libtiff and libpng
 * fill what is missing with grey. The one harmless complaint, left-over bytes between JPEG segments (several camera
 * makers write them), is let through with a note.
 */
async function decodeWithPatience(
  bytes: Uint8Array,
  name: string,
  shown: string,
  header: Metadata,
  notes: string[],
): Promise<Samples> {
  try {
    return await decode(bytes, header, 'warning');
  } catch (error) {
    const text = reasonOf(error);
    if (header.format === 'jpeg' && text.includes('extraneous bytes before marker')) {
      const samples = await decode(bytes, header, 'truncated').catch((second: unknown) => {
        throw unreadable(name, `${shown} is damaged: ${reasonOf(second)}`, damagedHint, second);
      });
      notes.push('The JPEG holds left-over bytes between its segments; they were ignored.');
      return samples;
    }
    throw unreadable(name, `${shown} is damaged or cut off: ${text}`, damagedHint, error);
  }
}

async function decode(
  bytes: Uint8Array,
  header: Metadata,
  failOn: 'warning' | 'truncated',
): Promise<Samples> {
  // CMYK needs its profile for the conversion; for everything else the numbers must stay.
  const input = sharp(bytes, { ...decoderOptions, ignoreIcc: header.space !== 'cmyk', failOn });
  if (header.depth === 'ushort' && header.space !== 'cmyk') {
    const space = header.channels <= 2 ? 'grey16' : 'rgb16';
    const { data, info } = await raw(input.pipelineColourspace(space).toColourspace(space), 'ushort');
    const samples = data.byteOffset % 2 === 0 ? data : Uint8Array.from(data);
    return { ...info, data: new Uint16Array(samples.buffer, samples.byteOffset, samples.byteLength / 2) };
  }
  if (header.channels === 1) return raw8(input.toColourspace('b-w'));
  const samples = await raw8(input.toColourspace('srgb'));
  // sharp's raw output drops the alpha of grey images, so they are decoded as RGBA with three equal colours.
  return header.channels === 2 ? greyAlphaOf(samples) : samples;
}

async function raw8(input: Sharp): Promise<Samples & { data: Uint8Array }> {
  const { data, info } = await raw(input, 'uchar');
  return { ...info, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

async function raw(
  input: Sharp,
  depth: 'uchar' | 'ushort',
): Promise<{ data: Uint8Array; info: { width: number; height: number; channels: number } }> {
  const { data, info } = await input.raw({ depth }).toBuffer({ resolveWithObject: true });
  return { data, info: { width: info.width, height: info.height, channels: info.channels } };
}

function greyAlphaOf(samples: Samples & { data: Uint8Array }): Samples {
  const pixels = samples.width * samples.height;
  const data = new Uint8Array(pixels * 2);
  for (let i = 0; i < pixels; i++) {
    data[2 * i] = samples.data[4 * i] ?? 0;
    data[2 * i + 1] = samples.data[4 * i + 3] ?? 0;
  }
  return { width: samples.width, height: samples.height, channels: 2, data };
}

function formatName(header: Metadata): string {
  return header.format === 'heif' && header.compression === 'av1' ? 'avif' : header.format;
}

/** First line of a decoder's message; libvips repeats the same complaint once per strip. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split('\n').find((part) => part.trim() !== '') ?? 'unknown reason';
  return line
    .replace(/^Input (buffer|file) /, '')
    .replace(/^has corrupt header:/, 'its header cannot be read:')
    .trim()
    .replace(/:$/, '');
}

function unreadable(subject: string, message: string, hint: string, cause?: unknown): Failure {
  return new Failure('image-unreadable', message, { subject, hint, cause });
}

function unsupported(subject: string, message: string, hint: string): Failure {
  return new Failure('image-unsupported', message, { subject, hint });
}
