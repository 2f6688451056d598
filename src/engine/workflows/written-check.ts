import { readFile } from 'node:fs/promises';
import type { Raster } from '../../ml/imaging/raster.ts';
import { Failure } from '../../shared/failure.ts';
import { hashBytes } from '../jobs/content-hash.ts';

/** @throws Error, a defect and never the user's fault, when the encoded file decodes to other samples than were meant */
export function checkSameSamples(meant: Raster, decoded: Raster): void {
  const same =
    meant.width === decoded.width &&
    meant.height === decoded.height &&
    meant.channels === decoded.channels &&
    meant.bitDepth === decoded.bitDepth &&
    Buffer.compare(bytesOf(meant), bytesOf(decoded)) === 0;
  if (!same) throw new Error('the encoded file decodes to other pixels than were meant to be written');
}

/** @throws Failure output-not-writable when the file on the disk does not hold the bytes that were written */
export async function checkOnDisk(path: string, sha256: string): Promise<void> {
  const found = hashBytes(await readFile(path));
  if (found === sha256) return;
  throw new Failure('output-not-writable', `${path} reads back with other bytes than were written`, {
    subject: path,
    hint: 'The disk is failing, or another program changed the file. Choose another --out.',
  });
}

function bytesOf(raster: Raster): Uint8Array {
  const { buffer, byteOffset, byteLength } = raster.data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
