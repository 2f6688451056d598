import { keyId, shortKeyId } from './key-encoding.ts';
import { readPublicKeyFile } from './key-file.ts';

/** An owner whose signatures the reader chose to trust. */
export interface TrustedOwner {
  readonly name: string;
  /** Raw Ed25519 public key, hex. */
  readonly publicKey: string;
  readonly keyId: string;
}

/** Reads an owner's public key file; throws Failure 'key-unusable'. The name in it is the reader's label, unproven. */
export function readTrustedOwner(bytes: Uint8Array, subject: string): TrustedOwner {
  const { name, publicKey } = readPublicKeyFile(bytes, 'owner', subject);
  return { name, publicKey, keyId: keyId(publicKey) };
}

export function findTrusted(publicKey: string, trusted: readonly TrustedOwner[]): TrustedOwner | undefined {
  return trusted.find((owner) => owner.publicKey === publicKey);
}

/** "name (key 0123-4567-89ab-cdef)" as reports show a signer. */
export function describeSigner(owner: { readonly name: string; readonly publicKey: string }): string {
  return `${owner.name} (key ${shortKeyId(owner.publicKey)})`;
}
