import { basename } from 'node:path';

import { Failure } from '../../../shared/failure.ts';
import type { BinaryMask } from '../../imaging/plane.ts';
import type { Raster } from '../../imaging/raster.ts';
import { decodeImage } from '../../imaging/read-image.ts';
import { readAnnotationFile, requireImageSize, unreadable } from './annotation-file.ts';
import type { AnnotationFile } from './annotation-file.ts';
import type { ImageKey } from './regions.ts';

const maxFileBytes = 256 * 1024 * 1024;
/** Masks may be smoothed or coloured by class, but a photograph has far more colours than this. */
const maxColours = 256;
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export interface PngMask {
  readonly mask: BinaryMask;
  readonly sha256: string;
  /** A photograph by its number of colours: most likely the image itself, not a mask of it. */
  readonly isPhotograph: boolean;
}

/**
 * Reads a mask: every pixel with any non-zero sample is set, whatever the depth, palette or colour; where alpha varies,
 * every pixel that is not fully transparent is set. Throws Failure `annotation-unreadable` for a file that is no intact
 * PNG and `annotation-mismatch` for another size than the image's, which is checked before any pixel is decoded.
 */
export async function readMaskPng(path: string, image: ImageKey): Promise<PngMask> {
  const file = await readAnnotationFile(path, maxFileBytes);
  requireImageSize(path, headerSize(file), image);
  const raster = await decode(file);
  const values = raster.bitDepth === 8 && raster.channels === 1 ? 0 : countColours(raster);
  return { mask: setPixels(raster), sha256: file.sha256, isPhotograph: values > maxColours };
}

/** Width and height from the header chunk, which the format puts first. */
function headerSize({ path, bytes }: AnnotationFile): { width: number; height: number } {
  if (
    bytes.length < 33 ||
    !bytes.subarray(0, 8).equals(signature) ||
    bytes.toString('latin1', 12, 16) !== 'IHDR'
  ) {
    throw unreadable(path, 'it is no PNG image', 'save masks as PNG: JPEG would smear them');
  }
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

async function decode({ path, bytes }: AnnotationFile): Promise<Raster> {
  try {
    return (await decodeImage(bytes, path)).raster;
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw unreadable(path, cause.message.replace(`${basename(path)} `, ''), cause.hint, cause);
  }
}

function setPixels({ width, height, channels, data }: Raster): BinaryMask {
  const colours = channels <= 2 ? 1 : 3;
  const byAlpha = colours < channels && alphaVaries(data, channels);
  const first = byAlpha ? colours : 0;
  const last = byAlpha ? channels : colours;
  const mask = new Uint8Array(width * height);
  for (let pixel = 0; pixel < mask.length; pixel++) {
    for (let channel = first; channel < last; channel++)
      if (data[pixel * channels + channel]) mask[pixel] = 1;
  }
  return { width, height, data: mask };
}

function alphaVaries(data: Raster['data'], channels: number): boolean {
  for (let index = channels - 1; index < data.length; index += channels) {
    if (data[index] !== data[channels - 1]) return true;
  }
  return false;
}

/** Number of different colours, counted no further than is needed to tell a photograph. */
function countColours({ channels, data }: Raster): number {
  const colours = new Set<number>();
  const step = channels <= 2 ? 0 : 1;
  for (let index = 0; index < data.length && colours.size <= maxColours; index += channels) {
    colours.add((data[index] * 65_536 + data[index + step]) * 65_536 + data[index + 2 * step]);
  }
  return colours.size;
}
