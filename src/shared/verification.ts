/**
 * What a verification found out. A line is `valid` only where something was checked and held; `unknown` says that it
 * could not be checked and why. Nothing is ever valid by silence.
 */
export interface VerificationLine {
  readonly status: 'valid' | 'invalid' | 'unknown';
  /** Stable code for programs, e.g. `pixels-altered`. */
  readonly code: string;
  /** One line for people. */
  readonly reason: string;
}

/** One single thing that was looked at; `not-checked` where its input was not at hand and is not needed. */
export interface VerificationCheck {
  readonly name: string;
  readonly status: 'valid' | 'invalid' | 'unknown' | 'not-checked';
  readonly code: string;
  readonly reason: string;
}

/**
 * integrity: do image, certificate and residual belong together, unaltered?
 * signature: did the holder of the key named in the certificate sign exactly this?
 * trust: is that key one of those the reader trusts?
 */
export interface ImageVerification {
  readonly path: string;
  readonly imageId: string | null;
  /** Key that claims to have signed, lower-case hex SHA-256 of the public key. */
  readonly signer: string | null;
  readonly integrity: VerificationLine;
  readonly signature: VerificationLine;
  readonly trust: VerificationLine;
  readonly checks: readonly VerificationCheck[];
}

export interface SetVerification {
  readonly setId: string | null;
  readonly signer: string | null;
  readonly integrity: VerificationLine;
  readonly signature: VerificationLine;
  readonly trust: VerificationLine;
  readonly checks: readonly VerificationCheck[];
  readonly counts: { readonly listed: number; readonly valid: number; readonly notValid: number };
  readonly images: readonly ImageVerification[];
  /** Listed in the manifest, not found. */
  readonly missing: readonly string[];
  /** Found, not listed in the manifest. */
  readonly extra: readonly string[];
}

/** True only when all three lines are valid. */
export function isVerified(report: {
  readonly integrity: VerificationLine;
  readonly signature: VerificationLine;
  readonly trust: VerificationLine;
}): boolean {
  return [report.integrity, report.signature, report.trust].every(({ status }) => status === 'valid');
}
