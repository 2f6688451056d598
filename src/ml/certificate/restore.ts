import type { ImageCertificate } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { withSamples } from '../imaging/raster.ts';
import type { Raster } from '../imaging/raster.ts';
import { pixelHash, sha256Hex } from './digest.ts';
import { readImageCertificate } from './image-certificate.ts';
import { decryptResidual, readResidual } from './residual.ts';
import type { ReadResidual } from './residual.ts';
import { residualMismatch } from './residual-match.ts';
import { requireNotExpired } from './restore-access.ts';
import type { RestoreAccess } from './restore-access.ts';
import { unpackSamples } from './sample-coding.ts';
import { hasValidSignature } from './signed-document.ts';
import { findTrusted } from './trust.ts';
import type { TrustedOwner } from './trust.ts';

export interface RestoreInput {
  readonly protected: Raster;
  /** Bytes of the certificate's file and of the residual sidecar's file. */
  readonly certificate: Uint8Array;
  readonly residual: Uint8Array;
  readonly access: RestoreAccess;
  readonly trustedOwners: readonly TrustedOwner[];
  readonly now: Date;
  /** Name of the image for messages; default: the path in the certificate. */
  readonly subject?: string;
}

/** What a restoration proved; holds no secrets. */
export interface RestorationProof {
  readonly imageId: string;
  readonly path: string;
  readonly licenceId: string | null;
  readonly signerKey: string;
  readonly protectedPixelsSha256: string;
  /** Equal to the signed hash of the original: every sample is the original's. */
  readonly originalPixelsSha256: string;
}

/**
 * The original, bit for bit. Order: signature, trust, term of the licence, protected pixels, residual, decryption, hash
 * of the result; nothing is returned unless all hold. Throws Failure: 'certificate-unreadable', 'signature-invalid',
 * 'signer-unknown', 'licence-expired', 'licence-invalid' (not for this image), 'pixels-altered', 'residual-damaged',
 * 'wrong-key', 'certificate-mismatch' (result is not the certified original).
 */
export function restoreImage(input: RestoreInput): { original: Raster; proof: RestorationProof } {
  const { certificate, residual, subject } = openMaterial(input);
  const { image } = certificate.body;
  const protectedPixelsSha256 = pixelHash(input.protected);
  if (protectedPixelsSha256 !== image.protectedPixelsSha256) {
    throw new Failure(
      'pixels-altered',
      `${subject}: the pixels are not those the certificate was issued for`,
      {
        subject,
        hint: 'Take an unaltered copy of the protected image; an altered one allows an approximate preview only.',
      },
    );
  }
  const original = apply(input, certificate, residual, subject);
  const originalPixelsSha256 = pixelHash(original);
  if (originalPixelsSha256 !== image.originalPixelsSha256) {
    throw new Failure('certificate-mismatch', `${subject}: the result is not the certified original`, {
      subject,
      hint: 'Certificate and residual contradict each other: ask the owner for both again.',
    });
  }
  const { imageId, owner } = certificate.body;
  const proof = {
    imageId,
    path: image.path,
    licenceId: input.access.licenceId,
    signerKey: owner.publicKey,
    protectedPixelsSha256,
    originalPixelsSha256,
  };
  return { original, proof };
}

/** Never the original: nothing was proven about a single one of its samples. */
export interface ApproximatePreview {
  readonly kind: 'approximate-preview';
  readonly approximate: true;
  readonly raster: Raster;
  readonly note: string;
}

/**
 * For a protected image whose samples were altered without changing its size, channels or depth (e.g. saved as JPEG):
 * the original samples under the marks over the altered rest. Same checks and Failures as `restoreImage`, except for the
 * two pixel hashes, which it does not look at; 'pixels-altered' when the shape is another one.
 */
export function previewRestoration(input: RestoreInput): ApproximatePreview {
  const { certificate, residual, subject } = openMaterial(input);
  const { image } = certificate.body;
  const same = (['width', 'height', 'channels', 'bitDepth'] as const).every(
    (key) => image[key] === input.protected[key],
  );
  if (!same) {
    throw new Failure(
      'pixels-altered',
      `${subject}: size, channels or depth are not those of the certificate`,
      {
        subject,
        hint: 'A preview needs an image of the same shape as the protected one.',
      },
    );
  }
  return {
    kind: 'approximate-preview',
    approximate: true,
    raster: apply(input, certificate, residual, subject),
    note: 'Approximate preview: not verified to be the original, not for diagnosis.',
  };
}

function openMaterial(input: RestoreInput): {
  certificate: ImageCertificate;
  residual: ReadResidual;
  subject: string;
} {
  const { document: certificate } = readImageCertificate(input.certificate, input.subject ?? 'certificate');
  const { body } = certificate;
  const subject = input.subject ?? body.image.path;
  if (!hasValidSignature(certificate)) {
    throw new Failure(
      'signature-invalid',
      `${subject}: the certificate's signature does not fit its contents`,
      {
        subject,
        hint: 'Take the certificate the owner issued.',
      },
    );
  }
  if (findTrusted(body.owner.publicKey, input.trustedOwners) === undefined) {
    throw new Failure(
      'signer-unknown',
      `${subject}: certified by a key that is not among the trusted owners`,
      {
        subject,
        hint: "Compare the owner's key id with the owner, then add the public key file to the trusted ones.",
      },
    );
  }
  requireNotExpired(input.access.expires, input.now, subject);
  if (body.restoration.sha256 !== sha256Hex(input.residual)) {
    throw damaged(subject, 'it is not the file the certificate names');
  }
  const residual = readResidual(input.residual, subject);
  const mismatch = residualMismatch(residual, body);
  if (mismatch !== null) throw damaged(subject, mismatch);
  return { certificate, residual, subject };
}

function apply(
  { protected: marked, access }: RestoreInput,
  { body }: ImageCertificate,
  residual: ReadResidual,
  subject: string,
): Raster {
  const covers = access.ownerPublicKey === body.owner.publicKey;
  const key = covers ? access.residualKey(body.setId, body.imageId) : null;
  if (key === null) {
    throw new Failure('licence-invalid', `${subject}: the licence does not cover this image`, {
      subject,
      hint: 'Ask the owner for a licence for this image or its set.',
    });
  }
  const packed = decryptResidual(residual, key);
  key.fill(0);
  if (packed === null) {
    throw new Failure('wrong-key', `${subject}: the key does not open the residual`, {
      subject,
      hint: "Use the licence that was granted for this image's set.",
    });
  }
  const samples = marked.data.slice();
  const complete = unpackSamples(packed, marked, residual.silhouette, samples);
  packed.fill(0);
  if (!complete) throw damaged(subject, 'what it holds cannot be unpacked');
  return withSamples(marked, samples);
}

function damaged(subject: string, why: string): Failure {
  return new Failure('residual-damaged', `${subject}: unusable residual: ${why}`, {
    subject,
    hint: 'Take an undamaged copy of the residual file that belongs to this certificate.',
  });
}
