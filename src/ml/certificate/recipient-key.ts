import { diffieHellman, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { encodePkcs8, keyId, privateKeyFrom, publicKeyFrom, rawPublicKey } from './key-encoding.ts';
import { createKeyPair, openSecretKey, type CreatedKey, type NewKey } from './key-pair.ts';
import type { Passphrase } from './passphrase.ts';

/** An unlocked recipient key (X25519, RFC 7748): opens licences that were granted to its public half. */
export class RecipientKey {
  readonly name: string;
  readonly publicKey: string;
  readonly keyId: string;
  #key: KeyObject | null;

  /** `pkcs8`: DER of the X25519 key. */
  constructor(name: string, pkcs8: Buffer) {
    this.#key = privateKeyFrom('x25519', pkcs8);
    this.name = name;
    this.publicKey = rawPublicKey(this.#key);
    this.keyId = keyId(this.publicKey);
  }

  /** Shared secret with another public key; the caller wipes it. Throws for a public key of small order. */
  agree(publicKeyHex: string): Buffer {
    if (this.#key === null) throw new Error('this recipient key was wiped');
    return diffieHellman({ privateKey: this.#key, publicKey: publicKeyFrom('x25519', publicKeyHex) });
  }

  wipe(): void {
    this.#key = null;
  }
}

/** A new recipient key as its two files. Rejects with Failure 'key-unusable' for a short passphrase. */
export async function createRecipientKey(options: NewKey): Promise<CreatedKey> {
  const random = options.random ?? randomBytes;
  return createKeyPair('recipient', RecipientKey, encodePkcs8('x25519', random(32)), options);
}

/** Rejects with Failure 'key-unusable' (another or damaged file) or 'wrong-key' (another passphrase). */
export async function openRecipientKey(
  bytes: Uint8Array,
  passphrase: Passphrase,
  subject = 'recipient key',
): Promise<RecipientKey> {
  return openSecretKey('recipient', RecipientKey, bytes, passphrase, subject);
}
