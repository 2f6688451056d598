import { readFile } from 'node:fs/promises';
import { grantLicence } from '../../ml/certificate/licence.ts';
import type { LicenceGrant } from '../../ml/certificate/licence.ts';
import { readImageCertificate } from '../../ml/certificate/image-certificate.ts';
import { readSetManifest } from '../../ml/certificate/set-manifest.ts';
import type { OwnerKey } from '../../ml/certificate/owner-key.ts';
import { hasValidSignature, type SignedDocument } from '../../ml/certificate/signed-document.ts';
import type { Licence } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { namesOf } from '../jobs/output-names.ts';
import { openProtectedFolder, type ProtectedFolder } from './protected-folder.ts';

export interface LicenceRequest {
  readonly owner: OwnerKey;
  /** The protected folder. */
  readonly set: string;
  /** Paths of single images in the folder; empty grants the whole set. */
  readonly images: readonly string[];
  readonly recipient: LicenceGrant['recipient'];
  readonly licensee: string;
  readonly terms: string;
  readonly created: Date;
  readonly expires: Date | null;
  /** File to write. */
  readonly out: string;
}

/**
 * Grants a licence for a protected folder, or for some of its images, and writes its file. The ids it opens come only from documents
 * that the granting owner signed: a forged manifest must not make the owner hand out the keys of another set.
 *
 * @throws Failure licence-invalid when another owner protected the folder, signature-invalid when a document was altered,
 *   certificate-mismatch when an image belongs to another set
 */
export async function grantSetLicence(request: LicenceRequest): Promise<Licence> {
  const { owner } = request;
  const folder = await openProtectedFolder(request.set);
  const setId = await setIdOf(folder, request.set, owner);
  const scope: LicenceGrant['scope'] =
    request.images.length === 0
      ? { kind: 'set' }
      : {
          kind: 'images',
          imageIds: await Promise.all(
            request.images.map((image) => imageIdOf(folder.file(namesOf(image).certificate), setId, owner)),
          ),
        };
  const { licence, licenceFile } = await grantLicence({
    owner,
    setId,
    scope,
    recipient: request.recipient,
    licensee: request.licensee,
    terms: request.terms,
    created: request.created,
    expires: request.expires,
  });
  await writeAtomically(request.out, licenceFile);
  return licence;
}

async function setIdOf(folder: ProtectedFolder, path: string, owner: OwnerKey): Promise<string> {
  if (folder.manifest !== null) {
    const { document } = readSetManifest(folder.manifest, path);
    requireSignedBy(owner, document, path, 'manifest');
    return document.body.setId;
  }
  const [first] = folder.images;
  if (first === undefined) {
    throw new Failure('usage', `${path} holds no protected image`, {
      subject: path,
      hint: 'Name the folder that protect wrote.',
    });
  }
  return (await ownCertificate(folder.file(namesOf(first).certificate), owner)).setId;
}

async function imageIdOf(certificate: string, setId: string, owner: OwnerKey): Promise<string> {
  const body = await ownCertificate(certificate, owner);
  if (body.setId === setId) return body.imageId;
  throw new Failure('certificate-mismatch', `${certificate}: the image belongs to another set`, {
    subject: certificate,
    hint: 'Name images of this folder only, with the certificates that protect wrote.',
  });
}

async function ownCertificate(path: string, owner: OwnerKey) {
  const { document } = readImageCertificate(await bytesOf(path), path);
  requireSignedBy(owner, document, path, 'certificate');
  return document.body;
}

function requireSignedBy(owner: OwnerKey, document: SignedDocument, subject: string, what: string): void {
  if (document.body.owner.publicKey !== owner.publicKey) {
    throw new Failure('licence-invalid', `${subject} was protected with another owner key`, {
      subject,
      hint: 'Use the owner key that protected the folder.',
    });
  }
  if (hasValidSignature(document)) return;
  throw new Failure(
    'signature-invalid',
    `${subject}: the signature of its ${what} does not fit its contents`,
    {
      subject,
      hint: `Take an undamaged copy of the ${what} from where it was issued.`,
    },
  );
}

async function bytesOf(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw new Failure('certificate-unreadable', `${path} cannot be read`, {
      subject: path,
      hint: 'Name images as they are called in the protected folder, for example sub/eye.png.',
      cause: error,
    });
  });
}
