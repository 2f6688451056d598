import type { Licence } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { decrypt } from './authenticated-encryption.ts';
import { canonicalBytes } from './canonical-json.ts';
import { deriveResidualKey } from './key-derivation.ts';
import { agreedWrappingKey, readLicence } from './licence.ts';
import type { OwnerKey } from './owner-key.ts';
import { passphraseKey } from './passphrase.ts';
import type { Passphrase } from './passphrase.ts';
import type { RecipientKey } from './recipient-key.ts';
import { hasValidSignature } from './signed-document.ts';
import { findTrusted } from './trust.ts';
import type { TrustedOwner } from './trust.ts';

const keyBytes = 32;

/**
 * The right to restore images of one owner: an opened licence, or the owner's own key. Keys are private fields; `wipe`
 * overwrites them.
 */
export class RestoreAccess {
  /** Raw public key of the owner whose images this access opens, hex. */
  readonly ownerPublicKey: string;
  /** Null for the owner's own access. */
  readonly licenceId: string | null;
  readonly licensee: string | null;
  readonly expires: Date | null;
  readonly #residualKey: (setId: string, imageId: string) => Buffer | null;
  readonly #wipe: () => void;

  constructor(
    about: Pick<RestoreAccess, 'ownerPublicKey' | 'licenceId' | 'licensee' | 'expires'>,
    residualKey: (setId: string, imageId: string) => Buffer | null,
    wipe: () => void,
  ) {
    this.ownerPublicKey = about.ownerPublicKey;
    this.licenceId = about.licenceId;
    this.licensee = about.licensee;
    this.expires = about.expires;
    this.#residualKey = residualKey;
    this.#wipe = wipe;
  }

  /** 32-byte key of an image's residual, or null when this access does not cover the image; the caller wipes it. */
  residualKey(setId: string, imageId: string): Buffer | null {
    return this.#residualKey(setId, imageId);
  }

  wipe(): void {
    this.#wipe();
  }
}

/** The owner's own access to every image of every set. */
export function ownerAccess(owner: OwnerKey): RestoreAccess {
  const about = { ownerPublicKey: owner.publicKey, licenceId: null, licensee: null, expires: null };
  return new RestoreAccess(
    about,
    (setId, imageId) => {
      const setKey = owner.setKey(setId);
      const key = deriveResidualKey(setKey, imageId);
      setKey.fill(0);
      return key;
    },
    () => undefined,
  );
}

export type RecipientSecret =
  | { readonly kind: 'x25519'; readonly key: RecipientKey }
  | { readonly kind: 'passphrase'; readonly passphrase: Passphrase };

/**
 * Opens a licence once for many images. Rejects with Failure 'licence-invalid' (damaged), 'signature-invalid',
 * 'signer-unknown' (owner not trusted), 'licence-expired' or 'wrong-key' (made for someone else).
 */
export async function openLicence(options: {
  readonly licence: Uint8Array;
  readonly secret: RecipientSecret;
  readonly trustedOwners: readonly TrustedOwner[];
  readonly now: Date;
  readonly subject?: string;
}): Promise<RestoreAccess> {
  const { secret, trustedOwners, now, subject = 'licence' } = options;
  const { document: licence } = readLicence(options.licence, subject);
  const { body } = licence;
  requireSignedByTrusted(licence, trustedOwners, subject);
  const expires = body.expires === null ? null : new Date(body.expires);
  requireNotExpired(expires, now, subject);
  const keys = await unwrapKeys(licence, secret, subject);
  const { scope } = body;
  const expected = scope.kind === 'set' ? keyBytes : scope.imageIds.length * keyBytes;
  if (keys.length !== expected) {
    keys.fill(0);
    throw invalid(subject, 'it wraps another number of keys than it lists');
  }
  const about = {
    ownerPublicKey: body.owner.publicKey,
    licenceId: body.licenceId,
    licensee: body.licensee,
    expires,
  };
  const positions = new Map(scope.kind === 'set' ? [] : scope.imageIds.map((id, index) => [id, index]));
  const residualKey = (setId: string, imageId: string): Buffer | null => {
    if (setId !== body.setId) return null;
    if (scope.kind === 'set') return deriveResidualKey(keys, imageId);
    const position = positions.get(imageId);
    if (position === undefined) return null;
    return Buffer.from(keys.subarray(position * keyBytes, (position + 1) * keyBytes));
  };
  return new RestoreAccess(about, residualKey, () => keys.fill(0));
}

/** Throws Failure 'licence-expired' from the expiry's instant on. */
export function requireNotExpired(expires: Date | null, now: Date, subject: string): void {
  if (Number.isNaN(now.getTime())) throw new RangeError('the time to compare the expiry with is no time');
  if (expires === null || now.getTime() < expires.getTime()) return;
  throw new Failure('licence-expired', `${subject}: the licence ended at ${expires.toISOString()}`, {
    subject,
    hint: 'Ask the owner for a new licence.',
  });
}

function requireSignedByTrusted(licence: Licence, trusted: readonly TrustedOwner[], subject: string): void {
  if (!hasValidSignature(licence)) {
    throw new Failure('signature-invalid', `${subject}: the licence's signature does not fit its contents`, {
      subject,
      hint: 'Ask the owner for an undamaged copy of the licence.',
    });
  }
  if (findTrusted(licence.body.owner.publicKey, trusted) === undefined) {
    throw new Failure('signer-unknown', `${subject}: signed by a key that is not among the trusted owners`, {
      subject,
      hint: "Compare the owner's key id with the owner, then add the public key file to the trusted ones.",
    });
  }
}

async function unwrapKeys(licence: Licence, secret: RecipientSecret, subject: string): Promise<Buffer> {
  const { wrappedKeys, ...header } = licence.body;
  const { recipient } = header;
  if (recipient.kind !== secret.kind) {
    const needed = recipient.kind === 'passphrase' ? 'a passphrase' : "the recipient's secret key";
    throw new Failure('wrong-key', `${subject}: this licence is opened with ${needed}`, {
      subject,
      hint: `Give ${needed}.`,
    });
  }
  const key = await wrappingKey(recipient, secret, subject);
  const sealed = Buffer.from(wrappedKeys, 'hex');
  const keys = decrypt(key, Buffer.from(recipient.nonce, 'hex'), canonicalBytes(header), sealed);
  key.fill(0);
  if (keys !== null) return keys;
  throw wrongKey(subject);
}

async function wrappingKey(
  recipient: Licence['body']['recipient'],
  secret: RecipientSecret,
  subject: string,
): Promise<Buffer> {
  if (recipient.kind === 'passphrase' && secret.kind === 'passphrase') {
    return passphraseKey(secret.passphrase, recipient.scrypt);
  }
  if (recipient.kind === 'x25519' && secret.kind === 'x25519') {
    if (secret.key.publicKey !== recipient.publicKey) throw wrongKey(subject);
    const shared = agree(secret.key, recipient.ephemeralKey, subject);
    const key = agreedWrappingKey(shared, recipient.ephemeralKey, recipient.publicKey);
    shared.fill(0);
    return key;
  }
  throw wrongKey(subject);
}

function agree(key: RecipientKey, ephemeralKey: string, subject: string): Buffer {
  try {
    return key.agree(ephemeralKey);
  } catch {
    throw invalid(subject, 'its ephemeral key is unusable');
  }
}

function wrongKey(subject: string): Failure {
  return new Failure('wrong-key', `${subject}: the licence was made for another recipient or passphrase`, {
    subject,
    hint: 'Use the key or passphrase the licence was granted to.',
  });
}

function invalid(subject: string, why: string): Failure {
  return new Failure('licence-invalid', `${subject}: unusable licence: ${why}`, {
    subject,
    hint: 'Ask the owner for a new copy of the licence.',
  });
}
