import type { VerificationCheck, VerificationLine } from '../../shared/verification.ts';
import { hasValidSignature } from './signed-document.ts';
import type { SignedDocument } from './signed-document.ts';
import { describeSigner, findTrusted } from './trust.ts';
import type { TrustedOwner } from './trust.ts';

/** The worst of the checks as one line; `valid` only when at least one check is valid and none is worse. */
export function judge(checks: readonly VerificationCheck[], code: string, reason: string): VerificationLine {
  const worst =
    checks.find(({ status }) => status === 'invalid') ?? checks.find(({ status }) => status === 'unknown');
  if (worst !== undefined && worst.status !== 'not-checked') {
    return { status: worst.status, code: worst.code, reason: worst.reason };
  }
  if (!checks.some(({ status }) => status === 'valid')) {
    return { status: 'unknown', code: 'nothing-checked', reason: 'nothing could be checked' };
  }
  const open = checks.filter(({ status }) => status === 'not-checked').map(({ name }) => name);
  return {
    status: 'valid',
    code,
    reason: open.length === 0 ? reason : `${reason} (not checked: ${open.join(', ')})`,
  };
}

export function signatureLine(document: SignedDocument, what: string): VerificationLine {
  if (hasValidSignature(document)) {
    const signer = describeSigner(document.body.owner);
    return { status: 'valid', code: 'signature-fits', reason: `the ${what} is signed by ${signer}` };
  }
  return {
    status: 'invalid',
    code: 'signature-invalid',
    reason: `the ${what}'s signature does not fit its contents and the key it names`,
  };
}

/** Trust in a signer says nothing when the signature does not hold; an unknown signer is no forger. */
export function trustLine(
  owner: { readonly name: string; readonly publicKey: string },
  signature: VerificationLine,
  trusted: readonly TrustedOwner[],
): VerificationLine {
  if (signature.status !== 'valid') {
    return { status: 'unknown', code: 'signature-invalid', reason: 'nobody is known to have signed this' };
  }
  if (trusted.length === 0) {
    return {
      status: 'unknown',
      code: 'no-trusted-keys',
      reason: 'no trusted owner key was given to compare with',
    };
  }
  const known = findTrusted(owner.publicKey, trusted);
  if (known === undefined) {
    const reason = `${describeSigner(owner)} is not among the trusted owners`;
    return { status: 'unknown', code: 'signer-unknown', reason };
  }
  return { status: 'valid', code: 'signer-trusted', reason: `the key is that of ${describeSigner(known)}` };
}
