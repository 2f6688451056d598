import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

import { Failure } from '../../shared/failure.ts';
import type { BinaryMask } from '../imaging/plane.ts';
import { zoneDigest } from './forbidden-zone.ts';
import type { ForbiddenZone } from './zone.ts';

/** The zone as an 8-bit grey PNG, 0 allowed and 255 forbidden, for the owner to keep and to hand to `verify`. */
export async function zoneToPng(zone: Pick<ForbiddenZone, 'mask'>): Promise<Buffer> {
  const { width, height, data } = zone.mask;
  const grey = data.map((value) => (value ? 255 : 0));
  return sharp(grey, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/**
 * Reads such a PNG (1-bit or 8-bit) back. Throws Failure `annotation-unreadable` when it is no PNG, has colours, alpha
 * or values besides 0 and 255, and `annotation-mismatch` when it has another size than `expected`.
 */
export async function zoneFromPng(
  input: string | Buffer,
  expected: { readonly width: number; readonly height: number },
): Promise<Pick<ForbiddenZone, 'mask' | 'sha256'>> {
  const subject = typeof input === 'string' ? input : 'forbidden zone';
  const bytes = typeof input === 'string' ? await readZoneFile(input) : input;
  const mask = await decode(bytes, subject, expected);
  return { mask, sha256: zoneDigest(mask) };
}

async function readZoneFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Failure('annotation-unreadable', `cannot read the forbidden zone ${path}`, {
      subject: path,
      hint: 'Give the zone file that protect kept, or leave it out.',
      cause,
    });
  }
}

async function decode(
  bytes: Buffer,
  subject: string,
  expected: { readonly width: number; readonly height: number },
): Promise<BinaryMask> {
  try {
    const image = sharp(bytes, { ignoreIcc: true, limitInputPixels: expected.width * expected.height });
    const { format, width, height, channels, depth } = await image.metadata();
    if (format !== 'png' || channels !== 1 || depth !== 'uchar')
      throw unusable(subject, 'not an 8-bit grey PNG');
    if (width !== expected.width || height !== expected.height) {
      throw new Failure(
        'annotation-mismatch',
        `${subject} is ${width}x${height}, the image ${expected.width}x${expected.height}`,
        { subject, hint: 'use the zone written when this very image was protected' },
      );
    }
    const { data, info } = await image.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    if (info.channels !== 1) throw unusable(subject, 'not an 8-bit grey PNG');
    const stray = data.find((value) => value !== 0 && value !== 255);
    if (stray !== undefined) throw unusable(subject, `value ${stray} found, only 0 and 255 are allowed`);
    return { width, height, data: Uint8Array.from(data, (value) => (value ? 1 : 0)) };
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw unusable(subject, 'the file is damaged or too large', cause);
  }
}

function unusable(subject: string, reason: string, cause?: unknown): Failure {
  return new Failure('annotation-unreadable', `${subject} is no forbidden zone: ${reason}`, {
    subject,
    hint: 'give the zone PNG that was written beside the certificate',
    cause,
  });
}
