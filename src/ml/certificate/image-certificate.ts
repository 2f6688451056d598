import { certificateSchema, formats } from '../../shared/certificate.ts';
import type { CertificateBody, ImageCertificate, Rights, SurrogateRecord } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import type { Placement } from '../../shared/placement.ts';
import type { ProtectSettings } from '../../shared/settings.ts';
import type { Raster } from '../imaging/raster.ts';
import type { ForbiddenZone } from '../lesions/zone.ts';
import { BLEND_RULE } from '../watermark/blend.ts';
import type { SearchTrace } from '../watermark/protected-image.ts';
import type { PlacedStamp } from '../watermark/stamp.ts';
import { pixelHash, sha256Hex } from './digest.ts';
import { deriveImageId, deriveNonceKey, deriveResidualKey } from './key-derivation.ts';
import type { OwnerKey } from './owner-key.ts';
import { sealResidual } from './residual.ts';
import { readDocument, encodeDocument, signDocument } from './signed-document.ts';
import type { ReadDocument } from './signed-document.ts';
import { silhouetteMap } from './silhouette-map.ts';
import type { SilhouetteMap } from './silhouette-map.ts';
import { zoneDistance } from './zone-distance.ts';

const largestCertificate = 32 * 2 ** 20;

export interface CertificateInput {
  readonly owner: OwnerKey;
  /** 16 bytes, lower-case hex; `deriveSetId` makes one that every shard of a job finds. */
  readonly setId: string;
  /** The job's start, from its journal, so that a resumed job writes the same bytes. */
  readonly created: Date;
  readonly toolVersion: string;
  readonly rights: Rights;
  /** Relative path of the protected file in the set, '/' between segments. */
  readonly path: string;
  readonly format: 'png' | 'tiff' | 'webp';
  readonly original: Raster;
  readonly protected: Raster;
  readonly stamps: readonly PlacedStamp[];
  readonly placements: readonly Placement[];
  readonly logoSha256: string | null;
  readonly settings: ProtectSettings;
  readonly adapted: { readonly missing: number; readonly size: number };
  readonly search: Pick<SearchTrace, 'method' | 'forwards' | 'gradients'>;
  readonly zone: ForbiddenZone;
  readonly label: number | null;
  readonly surrogates: readonly SurrogateRecord[];
  /** `psnr` in decibels, Infinity for equal images; `fieldOfViewFraction`: inked share of the field of view. */
  readonly quality: { readonly psnr: number; readonly ssim: number; readonly fieldOfViewFraction: number };
}

export interface CreatedCertificate {
  readonly certificate: ImageCertificate;
  /** Bytes of the certificate's file. */
  readonly certificateFile: Buffer;
  /** SHA-256 of `certificateFile`, for the manifest. */
  readonly certificateSha256: string;
  /** Bytes of the residual sidecar's file. */
  readonly residual: Buffer;
}

/**
 * Signed certificate and encrypted residual of one protected image; the same input gives the same bytes. Throws Failure
 * 'certificate-mismatch' when the images differ outside the stamps or ink lies on the forbidden zone: such an image must
 * never be certified.
 */
export function createImageCertificate(input: CertificateInput): CreatedCertificate {
  const { original, protected: marked, owner, setId, quality } = input;
  requireSameShape(input);
  const silhouette = silhouetteMap(original.width, original.height, input.stamps);
  requireUntouchedOutside(input, silhouette);
  const { overlap, clearance } = zoneDistance(silhouette, original, input.zone);
  if (overlap > 0) throw mismatch(input.path, `${overlap} inked pixels lie on the forbidden zone`);
  const originalPixelsSha256 = pixelHash(original);
  const protectedPixelsSha256 = pixelHash(marked);
  const imageId = deriveImageId(originalPixelsSha256, protectedPixelsSha256);
  const identity = { imageId, originalPixelsSha256, protectedPixelsSha256 };
  const setKey = owner.setKey(setId);
  const keys = { residual: deriveResidualKey(setKey, imageId), nonce: deriveNonceKey(setKey, imageId) };
  const { file: residual, silhouetteBytes } = sealResidual(original, silhouette, identity, keys);
  for (const key of [setKey, keys.residual, keys.nonce]) key.fill(0);
  const body: CertificateBody = {
    imageId,
    setId,
    created: input.created.toISOString(),
    tool: { name: 'medlocker', version: input.toolVersion },
    owner: { name: owner.name, publicKey: owner.publicKey },
    rights: input.rights,
    image: {
      path: input.path,
      format: input.format,
      width: original.width,
      height: original.height,
      channels: original.channels,
      bitDepth: original.bitDepth,
      originalPixelsSha256,
      protectedPixelsSha256,
    },
    mark: {
      blend: BLEND_RULE,
      logoSha256: input.logoSha256,
      placements: [...input.placements],
      missing: input.adapted.missing,
      size: input.adapted.size,
    },
    settings: structuredClone(input.settings),
    search: {
      method: input.search.method,
      forwards: input.search.forwards,
      gradients: input.search.gradients,
    },
    zone: {
      sha256: input.zone.sha256,
      sources: input.zone.sources.map((source) =>
        source.kind === 'annotation' ? { ...source, classes: [...source.classes] } : { ...source },
      ),
      dilation: input.zone.dilation,
      overlap: 0,
      clearance,
    },
    label: input.label,
    surrogates: [...input.surrogates],
    quality: {
      psnr: Number.isFinite(quality.psnr) ? quality.psnr : null,
      ssim: quality.ssim,
      fieldOfViewFraction: quality.fieldOfViewFraction,
    },
    restoration: {
      kind: 'pixel-residual/1',
      sha256: sha256Hex(residual),
      bytes: residual.length,
      silhouetteSha256: sha256Hex(silhouetteBytes),
      silhouettePixels: silhouette.pixels,
    },
  };
  const certificate = signDocument(certificateSchema, formats.certificate, body, owner);
  const certificateFile = encodeDocument(certificate);
  return { certificate, certificateFile, certificateSha256: sha256Hex(certificateFile), residual };
}

/** Parses a certificate file without judging signature or pixels; throws Failure 'certificate-unreadable'. */
export function readImageCertificate(bytes: Uint8Array, subject: string): ReadDocument<ImageCertificate> {
  return readDocument(bytes, certificateSchema, formats.certificate, {
    subject,
    what: 'certificate',
    code: 'certificate-unreadable',
    limit: largestCertificate,
  });
}

function requireSameShape({ original, protected: marked, path }: CertificateInput): void {
  const same = (['width', 'height', 'channels', 'bitDepth'] as const).every(
    (key) => original[key] === marked[key],
  );
  if (!same) throw mismatch(path, 'original and protected image differ in size, channels or depth');
}

function requireUntouchedOutside(input: CertificateInput, { runs }: SilhouetteMap): void {
  const { original, protected: marked, path } = input;
  const { channels, data } = original;
  let from = 0;
  for (let index = 0; index <= runs.length; index += 2) {
    const to = index < runs.length ? runs[index] * channels : data.length;
    for (let sample = from; sample < to; sample++) {
      if (data[sample] !== marked.data[sample])
        throw mismatch(path, 'samples outside the marks were changed');
    }
    if (index < runs.length) from = (runs[index] + runs[index + 1]) * channels;
  }
}

function mismatch(path: string, why: string): Failure {
  return new Failure('certificate-mismatch', `${path}: cannot be certified: ${why}`, {
    subject: path,
    hint: 'Protect the image again; if it happens again, report it.',
  });
}
