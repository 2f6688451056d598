import { randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { deriveSetKey } from './key-derivation.ts';
import { encodePkcs8, keyId, pkcs8Bytes, privateKeyFrom, rawPublicKey } from './key-encoding.ts';
import { openKeyFile, sealKeyFile } from './key-file.ts';
import { createKeyPair, openSecretKey, type CreatedKey, type NewKey } from './key-pair.ts';
import type { Passphrase } from './passphrase.ts';

const rootBytes = 32;

/**
 * An unlocked owner key: signs (Ed25519, RFC 8032) and derives the key of each set from one root secret. Its secrets
 * are private fields, so that neither JSON nor an error nor a log can show them.
 */
export class OwnerKey {
  readonly name: string;
  /** Raw Ed25519 public key, hex. */
  readonly publicKey: string;
  readonly keyId: string;
  #signing: KeyObject | null;
  readonly #root: Buffer;

  /** `secret`: PKCS#8 DER of the Ed25519 key (48 bytes), then the root secret (32 bytes); copied. */
  constructor(name: string, secret: Buffer) {
    if (secret.length !== pkcs8Bytes + rootBytes) throw new TypeError('an owner secret has another length');
    this.#signing = privateKeyFrom('ed25519', secret.subarray(0, pkcs8Bytes));
    this.#root = Buffer.from(secret.subarray(pkcs8Bytes));
    this.name = name;
    this.publicKey = rawPublicKey(this.#signing);
    this.keyId = keyId(this.publicKey);
  }

  /** 64-byte Ed25519 signature; the same for the same message. */
  sign(message: Buffer): Buffer {
    if (this.#signing === null) throw new Error('this owner key was wiped');
    return sign(null, message, this.#signing);
  }

  /** The 32-byte key of a set; the caller wipes it. */
  setKey(setId: string): Buffer {
    if (this.#signing === null) throw new Error('this owner key was wiped');
    return deriveSetKey(this.#root, setId);
  }

  /** Overwrites the secrets; the key cannot be used afterwards. */
  wipe(): void {
    this.#root.fill(0);
    this.#signing = null;
  }
}

/** A new owner key as its two files. Rejects with Failure 'key-unusable' for a short passphrase. */
export async function createOwnerKey(options: NewKey): Promise<CreatedKey> {
  const random = options.random ?? randomBytes;
  const secret = Buffer.concat([encodePkcs8('ed25519', random(32)), random(rootBytes)]);
  return createKeyPair('owner', OwnerKey, secret, options);
}

/** Rejects with Failure 'key-unusable' (another or damaged file) or 'wrong-key' (another passphrase). */
export async function openOwnerKey(
  bytes: Uint8Array,
  passphrase: Passphrase,
  subject = 'owner key',
): Promise<OwnerKey> {
  return openSecretKey('owner', OwnerKey, bytes, passphrase, subject);
}

/** The same key under another passphrase. Rejects like `openOwnerKey` and `createOwnerKey`. */
export async function changeOwnerPassphrase(
  bytes: Uint8Array,
  current: Passphrase,
  next: Passphrase,
  subject = 'owner key',
): Promise<Buffer> {
  const { file, secret } = await openKeyFile(bytes, 'owner', current, subject);
  try {
    return await sealKeyFile({ ...file, created: new Date(file.created) }, secret, next, randomBytes);
  } finally {
    secret.fill(0);
  }
}
