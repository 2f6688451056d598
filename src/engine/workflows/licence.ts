import { readFile } from 'node:fs/promises';
import { grantLicence } from '../../ml/certificate/licence.ts';
import type { LicenceGrant } from '../../ml/certificate/licence.ts';
import { readImageCertificate } from '../../ml/certificate/image-certificate.ts';
import { readSetManifest } from '../../ml/certificate/set-manifest.ts';
import type { OwnerKey } from '../../ml/certificate/owner-key.ts';
import type { Licence } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { namesOf } from '../jobs/output-names.ts';
import { openProtectedFolder } from './protected-folder.ts';

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
 * Grants a licence for a protected folder, or for some of its images, and writes its file.
 *
 * @throws Failure licence-invalid when another owner protected the folder
 */
export async function grantSetLicence(request: LicenceRequest): Promise<Licence> {
  const { owner } = request;
  const folder = await openProtectedFolder(request.set);
  const { setId, ownerPublicKey } = await identityOf(folder.manifest, request.set, folder);
  if (ownerPublicKey !== owner.publicKey) {
    throw new Failure('licence-invalid', `${request.set} was protected with another owner key`, {
      subject: request.set,
      hint: 'Use the owner key that protected the folder.',
    });
  }
  const scope: LicenceGrant['scope'] =
    request.images.length === 0
      ? { kind: 'set' }
      : {
          kind: 'images',
          imageIds: await Promise.all(
            request.images.map((image) => imageIdOf(folder.file(namesOf(image).certificate))),
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

async function identityOf(
  manifest: Buffer | null,
  path: string,
  folder: { readonly images: readonly string[]; file(path: string): string },
): Promise<{ setId: string; ownerPublicKey: string }> {
  if (manifest !== null) {
    const { body } = readSetManifest(manifest, path).document;
    return { setId: body.setId, ownerPublicKey: body.owner.publicKey };
  }
  const [first] = folder.images;
  if (first === undefined) throw new Failure('usage', `${path} holds no protected image`, { subject: path });
  const file = folder.file(namesOf(first).certificate);
  const { body } = readImageCertificate(await bytesOf(file), file).document;
  return { setId: body.setId, ownerPublicKey: body.owner.publicKey };
}

async function imageIdOf(certificate: string): Promise<string> {
  return readImageCertificate(await bytesOf(certificate), certificate).document.body.imageId;
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
