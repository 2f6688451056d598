import { access, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readImageCertificate } from '../../../ml/certificate/image-certificate.ts';
import type { TrustedOwner } from '../../../ml/certificate/trust.ts';
import { verifyImage } from '../../../ml/certificate/verify-image.ts';
import { readPlainFile } from '../../../ml/plain-file.ts';
import type { Verification } from '../../../shared/contract/certificates.ts';
import { Failure } from '../../../shared/failure.ts';
import { isVerified, type ImageVerification, type SetVerification } from '../../../shared/verification.ts';
import { namesOf } from '../../jobs/output-names.ts';
import { inspectFile } from '../../workflows/inspect-file.ts';
import { manifestName } from '../../workflows/private-folder.ts';
import { verify } from '../../workflows/verify.ts';
import type { Watch } from './watch.ts';
import { verifyLicence } from './verify-licence.ts';

export interface VerifyDropped {
  /** Whatever was dropped: a folder, an image, or a file that belongs to one. */
  readonly path: string;
  readonly trustedOwners: readonly TrustedOwner[];
  readonly residualExpected: boolean;
  readonly watch: Watch;
}

/**
 * Finds out what a path is and verifies it: a folder against its manifest, an image (or its certificate or residual) on its own, a
 * manifest with the folder it lies in, a licence by itself.
 *
 * @throws Failure usage for a file that no certificate of this program speaks of
 */
export async function verifyDropped(request: VerifyDropped): Promise<Verification> {
  const { path } = request;
  const found = await stat(path).catch(() => {
    throw new Failure('usage', `${basename(path)} is not there any more`, { hint: 'Choose it again.' });
  });
  if (found.isDirectory()) return verifyWhole(path, request);
  switch (await kindOf(path)) {
    case 'manifest':
      return verifyManifest(request);
    case 'certificate':
      return verifyCertificate(request);
    case 'residual':
      return verifyWhole(await beside(path, path.replace(/\.mlr$/, '')), request);
    case 'licence':
      return verifyLicence(path, request.trustedOwners);
    case 'image':
      return verifyWhole(path, request);
    default:
      throw new Failure('usage', `${basename(path)} is nothing that can be verified`, {
        hint: 'Choose a protected folder, a protected image, or a certificate, manifest or licence file.',
      });
  }
}

/** More than anybody reads; the counts of the set tell of all. */
const mostImages = 500;

function worstFirst(images: readonly ImageVerification[]): ImageVerification[] {
  return [...images.filter((image) => !isVerified(image)), ...images.filter(isVerified)];
}

async function kindOf(path: string): Promise<string> {
  if (/\.certificate\.json$/i.test(path)) return 'certificate';
  if (basename(path) === manifestName) return 'manifest';
  const { kind } = await inspectFile(path).catch((error: unknown) => {
    // A licence that is damaged is still verified as one, and an image that is damaged as an image.
    if (/\.licence(\.json)?$/i.test(path)) return { kind: 'licence' };
    if (error instanceof Failure) return { kind: /\.mlr$/i.test(path) ? 'residual' : 'image' };
    throw error;
  });
  return kind;
}

async function verifyWhole(
  path: string,
  { trustedOwners, residualExpected, watch }: VerifyDropped,
): Promise<Verification> {
  const { set, images, verified } = await verify({ path, trustedOwners, residualExpected }, watch);
  return {
    subject: basename(path),
    verified,
    set: set === null ? null : shownSet(set),
    images: worstFirst(images).slice(0, mostImages).map(shownImage),
  };
}

/** The manifest speaks of the folder it was made for; on its own it cannot be held against anything. */
async function verifyManifest(request: VerifyDropped): Promise<Verification> {
  if (basename(request.path) !== manifestName) {
    throw new Failure('usage', `${basename(request.path)} is a set certificate under another name`, {
      hint: `Put it back into its protected folder as ${manifestName} and verify the folder.`,
    });
  }
  const verification = await verifyWhole(dirname(request.path), request);
  return { ...verification, subject: basename(request.path) };
}

async function verifyCertificate(request: VerifyDropped): Promise<Verification> {
  const { path, trustedOwners, residualExpected } = request;
  const image = await imageOf(path);
  if (image !== null && namesOf(image).certificate === path) {
    return { ...(await verifyWhole(image, request)), subject: basename(path) };
  }
  const report = verifyImage({
    path: basename(path),
    certificate: await readPlainFile(path),
    protected: null,
    residual: null,
    residualExpected,
    trustedOwners,
  });
  return { subject: basename(path), verified: isVerified(report), set: null, images: [shownImage(report)] };
}

/** The image a certificate lies beside; null when it is not there. */
async function imageOf(certificate: string): Promise<string | null> {
  const plain = certificate.replace(/\.certificate\.json$/i, '');
  if (plain !== certificate && (await exists(plain))) return plain;
  const named = await readPlainFile(certificate)
    .then((bytes) => readImageCertificate(bytes, certificate).document.body.image.path)
    .catch(() => null);
  if (named === null) return null;
  const candidate = join(dirname(certificate), basename(named));
  return (await exists(candidate)) ? candidate : null;
}

async function beside(path: string, image: string): Promise<string> {
  if (image !== path && (await exists(image))) return image;
  throw new Failure('usage', `${basename(path)} is a residual without its image`, {
    hint: 'Verify it together with the image and the certificate it belongs to.',
  });
}

function shownSet(set: SetVerification): NonNullable<Verification['set']> {
  const { setId, signer, integrity, signature, trust, counts, missing, extra } = set;
  return {
    setId,
    signer,
    integrity,
    signature,
    trust,
    counts,
    missing: [...missing],
    extra: [...extra],
  };
}

function shownImage(image: ImageVerification): Verification['images'][number] {
  const { path, signer, integrity, signature, trust, checks } = image;
  return { path, signer, integrity, signature, trust, checks: [...checks] };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
