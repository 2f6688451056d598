import { diffieHellman, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Failure } from '../../shared/failure.ts';
import { encodePkcs8, keyId, privateKeyFrom, publicKeyFrom, rawPublicKey } from './key-encoding.ts';
import type { RandomBytes } from './key-encoding.ts';
import { encodePublicKeyFile, openKeyFile, sealKeyFile } from './key-file.ts';
import type { CreatedKey } from './owner-key.ts';
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
export async function createRecipientKey(options: {
  readonly name: string;
  readonly created: Date;
  readonly passphrase: Passphrase;
  readonly random?: RandomBytes;
}): Promise<CreatedKey> {
  const random = options.random ?? randomBytes;
  const secret = encodePkcs8('x25519', random(32));
  try {
    const { publicKey } = new RecipientKey(options.name, secret);
    const label = { kind: 'recipient', name: options.name, created: options.created, publicKey } as const;
    const secretKeyFile = await sealKeyFile(label, secret, options.passphrase, random);
    return { secretKeyFile, publicKeyFile: encodePublicKeyFile(label), publicKey, keyId: keyId(publicKey) };
  } finally {
    secret.fill(0);
  }
}

/** Rejects with Failure 'key-unusable' (another or damaged file) or 'wrong-key' (another passphrase). */
export async function openRecipientKey(
  bytes: Uint8Array,
  passphrase: Passphrase,
  subject = 'recipient key',
): Promise<RecipientKey> {
  const { file, secret } = await openKeyFile(bytes, 'recipient', passphrase, subject);
  try {
    const key = new RecipientKey(file.name, secret);
    if (key.publicKey === file.publicKey) return key;
  } catch {
    // falls through to the same answer as a key that does not match
  } finally {
    secret.fill(0);
  }
  throw new Failure('key-unusable', `${subject}: the key inside does not match its public half`, {
    subject,
    hint: 'Take a backup copy of the key file.',
  });
}
