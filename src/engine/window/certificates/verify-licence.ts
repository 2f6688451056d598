import { basename } from 'node:path';
import { keyId } from '../../../ml/certificate/key-encoding.ts';
import { readLicence } from '../../../ml/certificate/licence.ts';
import { signatureLine, trustLine } from '../../../ml/certificate/verification-lines.ts';
import type { TrustedOwner } from '../../../ml/certificate/trust.ts';
import { readPlainFile } from '../../../ml/plain-file.ts';
import type { Licence } from '../../../shared/certificate.ts';
import type { Verification, VerificationLine } from '../../../shared/contract/certificates.ts';
import { Failure } from '../../../shared/failure.ts';
import { isVerified } from '../../../shared/verification.ts';

/** A licence on its own: is it whole and still running, who signed it, is that somebody trusted? */
export async function verifyLicence(
  path: string,
  trustedOwners: readonly TrustedOwner[],
  now = new Date(),
): Promise<Verification> {
  const subject = basename(path);
  const read = await readPlainFile(path)
    .then((bytes) => readLicence(bytes, subject).document)
    .catch((error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    });
  if (read instanceof Failure) {
    const integrity: VerificationLine = { status: 'invalid', code: read.code, reason: read.message };
    const unknown: VerificationLine = {
      status: 'unknown',
      code: read.code,
      reason: 'there is no readable licence',
    };
    const image = {
      path: subject,
      signer: null,
      integrity,
      signature: unknown,
      trust: unknown,
      checks: [{ name: 'licence', ...integrity }],
    };
    return { subject, verified: false, set: null, images: [image] };
  }
  const { owner } = read.body;
  const signature = signatureLine(read, 'licence');
  const integrity = termLine(read, now);
  const lines = { integrity, signature, trust: trustLine(owner, signature, trustedOwners) };
  const image = {
    path: subject,
    signer: keyId(owner.publicKey),
    ...lines,
    checks: [{ name: 'licence', ...integrity }],
  };
  return { subject, verified: isVerified(lines), set: null, images: [image] };
}

function termLine({ body }: Licence, now: Date): VerificationLine {
  const { licensee, scope, expires } = body;
  const extent = scope.kind === 'set' ? 'the whole set' : `${scope.imageIds.length} of the set's images`;
  const opens = `opens ${extent} for ${licensee}`;
  if (expires === null) return { status: 'valid', code: 'licence-intact', reason: `${opens}, without end` };
  return now.getTime() < Date.parse(expires)
    ? { status: 'valid', code: 'licence-intact', reason: `${opens} until ${expires}` }
    : { status: 'invalid', code: 'licence-expired', reason: `the licence ended at ${expires}` };
}
