import type { CertificateBody } from '../../shared/certificate.ts';
import { sha256Hex } from './digest.ts';
import type { ReadResidual } from './residual.ts';

/** In which way a sidecar contradicts the certificate, or null. The file's own hash is compared before. */
export function residualMismatch(residual: ReadResidual, body: CertificateBody): string | null {
  const { header } = residual;
  const { image, restoration } = body;
  if (header.imageId !== body.imageId) return 'it belongs to another image';
  const shape = ['width', 'height', 'channels', 'bitDepth'] as const;
  if (shape.some((key) => header[key] !== image[key])) return 'it belongs to an image of another shape';
  const hashes = ['originalPixelsSha256', 'protectedPixelsSha256'] as const;
  if (hashes.some((key) => header[key] !== image[key])) return 'it belongs to other pixels';
  if (sha256Hex(residual.silhouetteBytes) !== restoration.silhouetteSha256)
    return 'its silhouette is another one';
  if (header.silhouettePixels !== restoration.silhouettePixels) return 'its silhouette has another size';
  return null;
}
