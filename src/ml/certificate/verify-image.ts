import type { ImageCertificate } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import type { ImageVerification, VerificationCheck, VerificationLine } from '../../shared/verification.ts';
import type { Raster } from '../imaging/raster.ts';
import type { ForbiddenZone } from '../lesions/zone.ts';
import { pixelHash, sha256Hex } from './digest.ts';
import { readImageCertificate } from './image-certificate.ts';
import { deriveImageId } from './key-derivation.ts';
import { keyId } from './key-encoding.ts';
import { readResidual } from './residual.ts';
import { residualMismatch } from './residual-match.ts';
import type { SilhouetteMap } from './silhouette-map.ts';
import { judge, signatureLine, trustLine } from './verification-lines.ts';
import type { TrustedOwner } from './trust.ts';
import { zoneDistance } from './zone-distance.ts';

export interface VerifyImageInput {
  /** Path as the report should show it. */
  readonly path: string;
  /** Bytes of the certificate's file; null when there is none. */
  readonly certificate: Uint8Array | null;
  /** The decoded image as found, or the Failure that reading it ended in; null when there is none. */
  readonly protected: Raster | Failure | null;
  /** Bytes of the residual's file; null when there is none. */
  readonly residual: Uint8Array | null;
  /** False when the set is deliberately passed on without residuals: their absence then leaves integrity valid. */
  readonly residualExpected?: boolean;
  /** The zone as the owner has it, to recompute overlap and clearance; usually not at hand. */
  readonly zone?: Pick<ForbiddenZone, 'mask' | 'sha256'> | undefined;
  readonly trustedOwners: readonly TrustedOwner[];
}

/**
 * Checks one image, offline and without any secret. What it can prove: image, certificate and residual are those that
 * were signed, the silhouette keeps the stated distance from the zone (when the zone is at hand). What it cannot prove
 * without the original: that samples outside the silhouette are the original's; `restoreImage` proves that.
 */
export function verifyImage(input: VerifyImageInput): ImageVerification {
  const certificate = tryRead(() => readCertificate(input));
  if (certificate instanceof Failure) return unreadable(input.path, certificate);
  const { body } = certificate;
  const residual = checkResidual(input, certificate);
  const checks: VerificationCheck[] = [
    {
      name: 'certificate',
      ...valid('certificate-readable', 'the certificate is complete and in canonical form'),
    },
    checkImageId(certificate),
    checkPixels(input, certificate),
    residual.check,
    checkZone(input, certificate, residual.silhouette),
  ];
  const signature = signatureLine(certificate, 'certificate');
  return {
    path: input.path,
    imageId: body.imageId,
    signer: keyId(body.owner.publicKey),
    integrity: judge(checks, 'intact', 'image, certificate and residual belong together and are unaltered'),
    signature,
    trust: trustLine(body.owner, signature, input.trustedOwners),
    checks,
  };
}

function readCertificate({ certificate, path }: VerifyImageInput): ImageCertificate {
  if (certificate !== null) return readImageCertificate(certificate, path).document;
  throw new Failure('certificate-unreadable', `${path}: there is no certificate`, {
    subject: path,
    hint: 'Copy the .certificate.json file along with the image.',
  });
}

function unreadable(path: string, failure: Failure): ImageVerification {
  const check: VerificationCheck = {
    name: 'certificate',
    status: 'invalid',
    code: failure.code,
    reason: failure.message,
  };
  const unknown: VerificationLine = {
    status: 'unknown',
    code: failure.code,
    reason: 'there is no readable certificate',
  };
  return {
    path,
    imageId: null,
    signer: null,
    integrity: { status: 'invalid', code: failure.code, reason: failure.message },
    signature: unknown,
    trust: unknown,
    checks: [check],
  };
}

function checkImageId({ body }: ImageCertificate): VerificationCheck {
  const { originalPixelsSha256, protectedPixelsSha256 } = body.image;
  if (deriveImageId(originalPixelsSha256, protectedPixelsSha256) === body.imageId) {
    return { name: 'image-id', ...valid('image-id-fits', 'the image id is that of the two pixel hashes') };
  }
  return {
    name: 'image-id',
    ...invalid('image-id-differs', 'the image id is not that of the two pixel hashes'),
  };
}

function checkPixels({ protected: image }: VerifyImageInput, { body }: ImageCertificate): VerificationCheck {
  const name = 'pixels';
  if (image === null) return { name, ...invalid('image-missing', 'the protected image is missing') };
  if (image instanceof Failure) return { name, ...invalid(image.code, image.message) };
  if (pixelHash(image) === body.image.protectedPixelsSha256) {
    return { name, ...valid('pixels-unaltered', 'every sample is as certified') };
  }
  return { name, ...invalid('pixels-altered', 'the pixels are not those the certificate was issued for') };
}

function checkResidual(
  { residual: bytes, residualExpected = true, path }: VerifyImageInput,
  { body }: ImageCertificate,
): { check: VerificationCheck; silhouette: SilhouetteMap | null } {
  const name = 'residual';
  const fail = (code: string, reason: string) => ({
    check: { name, ...invalid(code, reason) },
    silhouette: null,
  });
  if (bytes === null) {
    const status = residualExpected ? 'unknown' : 'not-checked';
    const reason =
      'the residual is not here, so it could not be checked; the original cannot be restored without it';
    return { check: { name, status, code: 'residual-missing', reason }, silhouette: null };
  }
  if (sha256Hex(bytes) !== body.restoration.sha256 || bytes.length !== body.restoration.bytes) {
    return fail('residual-damaged', 'the residual is not the file the certificate names');
  }
  const residual = tryRead(() => readResidual(bytes, path));
  if (residual instanceof Failure) return fail(residual.code, residual.message);
  const mismatch = residualMismatch(residual, body);
  if (mismatch !== null)
    return fail('residual-mismatch', `the residual contradicts the certificate: ${mismatch}`);
  const check = { name, ...valid('residual-unaltered', 'the residual is the file the certificate names') };
  return { check, silhouette: residual.silhouette };
}

function checkZone(
  { zone }: VerifyImageInput,
  { body }: ImageCertificate,
  silhouette: SilhouetteMap | null,
): VerificationCheck {
  const name = 'forbidden-zone';
  const stated = `certified: overlap 0, nearest forbidden pixel ${describeClearance(body.zone.clearance)}`;
  if (zone === undefined) {
    return { name, status: 'not-checked', code: 'zone-not-at-hand', reason: `${stated}; not recomputed` };
  }
  if (silhouette === null) {
    return {
      name,
      status: 'unknown',
      code: 'silhouette-missing',
      reason: `${stated}; the silhouette is not at hand`,
    };
  }
  const { width, height } = zone.mask;
  const sha256 = sha256Hex(`${width} ${height}\n`, zone.mask.data);
  if (sha256 !== body.zone.sha256) {
    return {
      name,
      ...invalid('zone-differs', 'the zone given is not the one the certificate was issued for'),
    };
  }
  if (width !== body.image.width || height !== body.image.height) {
    return { name, ...invalid('zone-differs', 'the zone has another size than the image') };
  }
  const { overlap, clearance } = zoneDistance(silhouette, body.image, zone);
  if (overlap > 0)
    return { name, ...invalid('zone-overlap', `${overlap} inked pixels lie on the forbidden zone`) };
  if (clearance !== body.zone.clearance) {
    const found = describeClearance(clearance);
    return { name, ...invalid('clearance-differs', `${stated}; recomputed: ${found}`) };
  }
  const reason = `recomputed: overlap 0, nearest forbidden pixel ${describeClearance(clearance)}`;
  return { name, ...valid('zone-respected', reason) };
}

function describeClearance(clearance: number | null): string {
  return clearance === null ? 'none' : `${clearance.toFixed(1)} px away`;
}

function tryRead<T>(read: () => T): T | Failure {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function valid(code: string, reason: string): VerificationLine & { status: 'valid' } {
  return { status: 'valid', code, reason };
}

function invalid(code: string, reason: string): VerificationLine & { status: 'invalid' } {
  return { status: 'invalid', code, reason };
}
