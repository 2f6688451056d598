import { createHmac } from 'node:crypto';
import { formats, residualHeaderSchema } from '../../shared/certificate.ts';
import type { ResidualHeader } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import type { Raster } from '../imaging/raster.ts';
import { decrypt, encrypt, nonceBytes, tagBytes } from './authenticated-encryption.ts';
import { canonicalFile, parseCanonicalFile } from './canonical-json.ts';
import { packSamples } from './sample-coding.ts';
import { decodeSilhouette, encodeSilhouette } from './silhouette-map.ts';
import type { SilhouetteMap } from './silhouette-map.ts';

const firstLine = Buffer.from(`${formats.residual}\n`, 'ascii');
const largestHeader = 65_536;

/** A sidecar taken apart; nothing is decrypted yet. */
export interface ReadResidual {
  readonly header: ResidualHeader;
  readonly silhouette: SilhouetteMap;
  readonly silhouetteBytes: Buffer;
  /** Everything in front of the nonce. */
  readonly associated: Buffer;
  readonly nonce: Buffer;
  readonly sealed: Buffer;
}

/**
 * A residual sidecar (docs/formats.md): version line, header line, silhouette in clear, then nonce and AES-256-GCM
 * ciphertext of the original samples under it, everything before the nonce authenticated. The nonce is a keyed hash of
 * what is encrypted, so that the same job writes the same bytes again while two contents never share a nonce.
 */
export function sealResidual(
  original: Raster,
  silhouette: SilhouetteMap,
  identity: Pick<ResidualHeader, 'imageId' | 'originalPixelsSha256' | 'protectedPixelsSha256'>,
  keys: { readonly residual: Buffer; readonly nonce: Buffer },
): { readonly file: Buffer; readonly silhouetteBytes: Buffer } {
  const silhouetteBytes = encodeSilhouette(silhouette);
  const header: ResidualHeader = {
    kind: 'pixel-residual/1',
    ...identity,
    width: original.width,
    height: original.height,
    channels: original.channels,
    bitDepth: original.bitDepth,
    silhouetteBytes: silhouetteBytes.length,
    silhouettePixels: silhouette.pixels,
  };
  const associated = Buffer.concat([firstLine, canonicalFile(header), silhouetteBytes]);
  const plaintext = packSamples(original, silhouette);
  const digest = createHmac('sha256', keys.nonce).update(associated).update(plaintext).digest();
  const nonce = digest.subarray(0, nonceBytes);
  const sealed = encrypt(keys.residual, nonce, associated, plaintext);
  plaintext.fill(0);
  return { file: Buffer.concat([associated, nonce, sealed]), silhouetteBytes };
}

/** Takes a sidecar apart; throws Failure 'residual-damaged' for anything that is not exactly one. */
export function readResidual(bytes: Uint8Array, subject: string): ReadResidual {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!file.subarray(0, firstLine.length).equals(firstLine)) {
    throw damaged(subject, `it does not begin with "${formats.residual}"`);
  }
  const headerEnd = file.indexOf('\n', firstLine.length) + 1;
  if (headerEnd === 0 || headerEnd - firstLine.length > largestHeader)
    throw damaged(subject, 'no header line');
  const header = readHeader(file.subarray(firstLine.length, headerEnd), subject);
  const nonceStart = headerEnd + header.silhouetteBytes;
  if (nonceStart + nonceBytes + tagBytes > file.length) throw damaged(subject, 'it is cut off');
  const silhouetteBytes = file.subarray(headerEnd, nonceStart);
  const silhouette = decodeSilhouette(silhouetteBytes, header.width * header.height);
  if (silhouette?.pixels !== header.silhouettePixels) throw damaged(subject, 'its silhouette makes no sense');
  return {
    header,
    silhouette,
    silhouetteBytes,
    associated: file.subarray(0, nonceStart),
    nonce: file.subarray(nonceStart, nonceStart + nonceBytes),
    sealed: file.subarray(nonceStart + nonceBytes),
  };
}

/** The compressed samples, or null when the key is another one or the file was altered; the caller wipes them. */
export function decryptResidual({ associated, nonce, sealed }: ReadResidual, key: Buffer): Buffer | null {
  return decrypt(key, nonce, associated, sealed);
}

function readHeader(bytes: Buffer, subject: string): ResidualHeader {
  const options = {
    subject,
    what: 'residual header',
    code: 'residual-damaged',
    limit: largestHeader,
  } as const;
  const value = parseCanonicalFile(bytes, options);
  const result = residualHeaderSchema.safeParse(value);
  if (result.success) return result.data;
  throw damaged(subject, 'its header is of an unknown kind or has an impossible value');
}

function damaged(subject: string, why: string): Failure {
  return new Failure('residual-damaged', `${subject}: no readable residual: ${why}`, {
    subject,
    hint: 'Take an undamaged copy of the residual file from where it was issued.',
  });
}
