import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import sharp from 'sharp';
import { Failure } from '../../shared/failure.ts';
import type { FloatImage } from '../imaging/plane.ts';
import { readPlainFile, whyUnread } from '../plain-file.ts';

/**
 * A logo at its own resolution. `matte` tells how much ink a pixel takes, 0..255; `ink` is its colour, RGB.
 * The matte is the alpha channel or, for an image without transparency, its luma: dark parts of such a logo vanish,
 * as in Adv-watermark (Jia et al., ACM MM 2020), whose opacity is min(luma, a) there.
 */
export interface Logo {
  readonly name: string;
  /** SHA-256 of the logo file (for text: of the text), lower-case hex. */
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly matte: Uint8Array;
  readonly ink: Uint8Array;
  /** `scaled`: A = round(a * matte / 255); `capped`: A = min(matte, a). */
  readonly opacityRule: 'scaled' | 'capped';
  /** Ink times matte (0..255) and the matte itself, 4 channels: what scaling averages, prepared once for all images. */
  readonly weighted: FloatImage;
}

const MAXIMUM_FILE_BYTES = 32 * 2 ** 20;
const MAXIMUM_PIXELS = 64e6;
/** Vector logos are drawn with their longest side at this many pixels before they are scaled to a mark. */
const VECTOR_SIDE = 1024;

/** Reads a PNG, WebP, TIFF, JPEG or SVG logo. Throws a Failure that names the file when it cannot serve as a mark. */
export async function loadLogo(path: string): Promise<Logo> {
  let bytes: Buffer;
  try {
    bytes = await readPlainFile(path, MAXIMUM_FILE_BYTES);
  } catch (cause) {
    throw unusable(path, whyUnread(cause), 'Name a PNG or SVG file of at most 32 MB.', cause);
  }
  if (bytes.length === 0) throw unusable(path, 'it is empty', 'Choose a PNG or SVG file.');
  return logoFromBytes(bytes, basename(path), path);
}

/** A logo from the bytes of an image file; `subject` names it in failures. */
export async function logoFromBytes(bytes: Buffer, name: string, subject: string): Promise<Logo> {
  const { data, width, height } = await decode(bytes, subject);
  const pixels = width * height;
  const ink = new Uint8Array(pixels * 3);
  const alpha = new Uint8Array(pixels);
  let transparent = false;
  for (let p = 0; p < pixels; p++) {
    ink.set(data.subarray(p * 4, p * 4 + 3), p * 3);
    alpha[p] = data[p * 4 + 3];
    transparent ||= alpha[p] < 255;
  }
  const matte = transparent ? alpha : lumaPlane(ink);
  if (!matte.some((value) => value > 0)) {
    const why = transparent
      ? 'every pixel is transparent'
      : 'it has no transparency and is black, and black takes no ink';
    throw unusable(subject, why, 'Choose a logo with a transparent background.');
  }
  return logoOfPixels({
    name,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    width,
    height,
    matte,
    ink,
    opacityRule: transparent ? 'scaled' : 'capped',
  });
}

/** A logo from its matte and ink. */
export function logoOfPixels(pixels: Omit<Logo, 'weighted'>): Logo {
  const { width, height, matte, ink } = pixels;
  const data = new Float32Array(width * height * 4);
  for (let p = 0; p < matte.length; p++) {
    const share = matte[p] / 255;
    for (let c = 0; c < 3; c++) data[p * 4 + c] = ink[p * 3 + c] * share;
    data[p * 4 + 3] = matte[p];
  }
  return { ...pixels, weighted: { width, height, channels: 4, data } };
}

async function decode(
  bytes: Buffer,
  subject: string,
): Promise<{ data: Uint8Array; width: number; height: number }> {
  try {
    const options = { limitInputPixels: MAXIMUM_PIXELS, failOn: 'truncated' } as const;
    const metadata = await sharp(bytes, options).metadata();
    const vector = metadata.format === 'svg';
    const scale = vector ? VECTOR_SIDE / Math.max(metadata.width, metadata.height) : 1;
    const density = Math.min(2400, Math.max(1, 72 * scale));
    const { data, info } = await sharp(bytes, vector ? { ...options, density } : options)
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data), width: info.width, height: info.height };
  } catch (cause) {
    const reason = cause instanceof Error ? firstWords(cause.message) : 'unknown error';
    throw unusable(subject, `it cannot be decoded (${reason})`, 'Choose a PNG or SVG file.', cause);
  }
}

/** The decoder's first line that says something; libvips puts a heading in front of some. */
function firstWords(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '' && !line.endsWith(':')) ?? lines[0];
}

function lumaPlane(ink: Uint8Array): Uint8Array {
  const luma = new Uint8Array(ink.length / 3);
  for (let p = 0; p < luma.length; p++) {
    luma[p] = Math.round(0.299 * ink[p * 3] + 0.587 * ink[p * 3 + 1] + 0.114 * ink[p * 3 + 2]);
  }
  return luma;
}

function unusable(subject: string, why: string, hint: string, cause?: unknown): Failure {
  return new Failure('logo-unusable', `${subject}: cannot serve as a logo: ${why}`, { subject, hint, cause });
}
