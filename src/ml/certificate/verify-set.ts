import type { ManifestBody, ManifestEntry, SetManifest } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { isVerified } from '../../shared/verification.ts';
import type {
  ImageVerification,
  SetVerification,
  VerificationCheck,
  VerificationLine,
} from '../../shared/verification.ts';
import { sha256Hex } from './digest.ts';
import { readImageCertificate } from './image-certificate.ts';
import { keyId } from './key-encoding.ts';
import { manifestDefect, readSetManifest } from './set-manifest.ts';
import { judge, signatureLine, trustLine } from './verification-lines.ts';
import type { TrustedOwner } from './trust.ts';
import { verifyImage } from './verify-image.ts';
import type { VerifyImageInput } from './verify-image.ts';

export type ImageFiles = Pick<VerifyImageInput, 'certificate' | 'protected' | 'residual' | 'zone'>;

export interface VerifySetInput {
  /** Bytes of the manifest's file. */
  readonly manifest: Uint8Array;
  /** Relative paths of all protected images found in the set's folder. */
  readonly found: readonly string[];
  /** Loads what belongs to one path; called for one image at a time per lane, so that memory stays flat. */
  readonly load: (path: string) => Promise<ImageFiles>;
  readonly residualExpected?: boolean;
  readonly trustedOwners: readonly TrustedOwner[];
  /** Images looked at at the same time; default 1. */
  readonly lanes?: number;
  readonly onImage?: (report: ImageVerification, done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Checks a whole set against its signed manifest: the list itself, every listed image, and that no listed image is
 * missing and no unlisted image is there. Rejects with the signal's reason when aborted.
 */
export async function verifySet(input: VerifySetInput): Promise<SetVerification> {
  const manifest = tryReadManifest(input.manifest);
  if (manifest instanceof Failure) return unreadable(manifest);
  const { body } = manifest;
  const found = new Set(input.found);
  const listed = new Set(body.entries.map(({ path }) => path));
  const missing = body.entries.filter(({ path }) => !found.has(path)).map(({ path }) => path);
  const extra = [...found].filter((path) => !listed.has(path)).sort();
  const images = await verifyEntries(body, input);
  const checks = [checkContents(body), checkImages(images), checkMissing(missing), checkExtra(extra)];
  const signature = setSignature(manifest, images);
  const valid = images.filter(isVerified).length;
  return {
    setId: body.setId,
    signer: keyId(body.owner.publicKey),
    integrity: judge(checks, 'intact', `all ${images.length} listed images are there and unaltered`),
    signature,
    trust: trustLine(body.owner, signature, input.trustedOwners),
    checks,
    counts: { listed: images.length, valid, notValid: images.length - valid },
    images,
    missing,
    extra,
  };
}

async function verifyEntries(body: ManifestBody, input: VerifySetInput): Promise<ImageVerification[]> {
  const { entries } = body;
  const reports: ImageVerification[] = [];
  let next = 0;
  let done = 0;
  const lane = async (): Promise<void> => {
    while (next < entries.length) {
      input.signal?.throwIfAborted();
      const index = next++;
      const report = verifyEntry(entries[index], body, await input.load(entries[index].path), input);
      reports[index] = report;
      done++;
      input.onImage?.(report, done, entries.length);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, input.lanes ?? 1) }, lane));
  return reports;
}

function verifyEntry(
  entry: ManifestEntry,
  set: ManifestBody,
  files: ImageFiles,
  { trustedOwners, residualExpected }: VerifySetInput,
): ImageVerification {
  const report = verifyImage({
    ...files,
    path: entry.path,
    trustedOwners,
    residualExpected: residualExpected ?? true,
  });
  if (report.imageId === null || files.certificate === null) return report;
  const check = checkListing(entry, set, files.certificate);
  const checks = [...report.checks, check];
  return check.status === 'valid'
    ? { ...report, checks }
    : { ...report, checks, integrity: pickLine(report, check) };
}

/** An earlier finding about the image itself stays in front. */
function pickLine({ integrity }: ImageVerification, check: VerificationCheck): VerificationLine {
  if (integrity.status === 'invalid') return integrity;
  return { status: 'invalid', code: check.code, reason: check.reason };
}

function checkListing(entry: ManifestEntry, set: ManifestBody, bytes: Uint8Array): VerificationCheck {
  const { body } = readImageCertificate(bytes, entry.path).document;
  const wrong =
    sha256Hex(bytes) !== entry.certificateSha256
      ? 'the certificate is not the one the manifest lists'
      : body.imageId !== entry.imageId || body.image.path !== entry.path
        ? 'the certificate was issued for another image of the set'
        : body.setId !== set.setId || body.owner.publicKey !== set.owner.publicKey
          ? 'the certificate belongs to another set or owner'
          : null;
  if (wrong !== null) return { name: 'listing', status: 'invalid', code: 'listing-differs', reason: wrong };
  return {
    name: 'listing',
    status: 'valid',
    code: 'listed',
    reason: 'the manifest lists this very certificate',
  };
}

function checkContents(body: ManifestBody): VerificationCheck {
  const defect = manifestDefect(body);
  if (defect !== null)
    return { name: 'manifest', status: 'invalid', code: 'manifest-inconsistent', reason: defect };
  const reason = 'order, number and Merkle root of the entries fit';
  return { name: 'manifest', status: 'valid', code: 'manifest-consistent', reason };
}

function checkImages(images: readonly ImageVerification[]): VerificationCheck {
  const name = 'images';
  const bad = images.filter(({ integrity }) => integrity.status === 'invalid');
  const open = images.filter(({ integrity }) => integrity.status === 'unknown');
  const [first] = [...bad, ...open];
  if (first !== undefined) {
    const status = bad.length > 0 ? 'invalid' : 'unknown';
    const reason = `${bad.length} altered, ${open.length} not checkable of ${images.length}; first: ${first.path}: ${first.integrity.reason}`;
    return { name, status, code: first.integrity.code, reason };
  }
  if (images.length === 0)
    return { name, status: 'unknown', code: 'set-empty', reason: 'the manifest lists no image' };
  return { name, status: 'valid', code: 'images-intact', reason: `${images.length} images are intact` };
}

function checkMissing(missing: readonly string[]): VerificationCheck {
  const name = 'missing';
  if (missing.length === 0) {
    return { name, status: 'valid', code: 'none-missing', reason: 'every listed image is there' };
  }
  const reason = `${missing.length} listed images are missing, first: ${missing[0]}`;
  return { name, status: 'invalid', code: 'images-missing', reason };
}

function checkExtra(extra: readonly string[]): VerificationCheck {
  const name = 'extra';
  if (extra.length === 0)
    return { name, status: 'valid', code: 'none-extra', reason: 'no unlisted image is there' };
  const reason = `${extra.length} images are not listed in the manifest, first: ${extra[0]}`;
  return { name, status: 'invalid', code: 'images-extra', reason };
}

/** The manifest's signature, and no image may have a bad one. */
function setSignature(manifest: SetManifest, images: readonly ImageVerification[]): VerificationLine {
  const line = signatureLine(manifest, 'manifest');
  const bad = images.find(({ signature }) => signature.status === 'invalid');
  if (line.status !== 'valid' || bad === undefined) return line;
  return { status: 'invalid', code: bad.signature.code, reason: `${bad.path}: ${bad.signature.reason}` };
}

function tryReadManifest(bytes: Uint8Array): SetManifest | Failure {
  try {
    return readSetManifest(bytes, 'manifest').document;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function unreadable({ code, message }: Failure): SetVerification {
  const integrity: VerificationLine = { status: 'invalid', code, reason: message };
  const unknown: VerificationLine = { status: 'unknown', code, reason: 'there is no readable manifest' };
  return {
    setId: null,
    signer: null,
    integrity,
    signature: unknown,
    trust: unknown,
    checks: [{ name: 'manifest', ...integrity }],
    counts: { listed: 0, valid: 0, notValid: 0 },
    images: [],
    missing: [],
    extra: [],
  };
}
