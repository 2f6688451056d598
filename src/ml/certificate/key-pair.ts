import { randomBytes } from 'node:crypto';
import { Failure } from '../../shared/failure.ts';
import type { KeyKind } from '../../shared/certificate.ts';
import { keyId } from './key-encoding.ts';
import type { RandomBytes } from './key-encoding.ts';
import { encodePublicKeyFile, openKeyFile, sealKeyFile } from './key-file.ts';
import type { Passphrase } from './passphrase.ts';

/** An unlocked key of either kind. */
interface UnlockedKey {
  readonly name: string;
  /** Raw public key, hex. */
  readonly publicKey: string;
  wipe(): void;
}

/** What makes a key of its secret bytes; it copies them, and throws when they are none of its kind. */
type Unlock<Key extends UnlockedKey> = new (name: string, secret: Buffer) => Key;

export interface NewKey {
  readonly name: string;
  readonly created: Date;
  readonly passphrase: Passphrase;
  readonly random?: RandomBytes;
}

export interface CreatedKey {
  readonly secretKeyFile: Buffer;
  readonly publicKeyFile: Buffer;
  /** Raw public key, hex. */
  readonly publicKey: string;
  readonly keyId: string;
}

/** The two files of a key with the given secret, which is wiped. Rejects with Failure 'key-unusable' for a short passphrase. */
export async function createKeyPair(
  kind: KeyKind,
  Key: Unlock<UnlockedKey>,
  secret: Buffer,
  { name, created, passphrase, random = randomBytes }: NewKey,
): Promise<CreatedKey> {
  try {
    const key = new Key(name, secret);
    const { publicKey } = key;
    key.wipe();
    const label = { kind, name, created, publicKey };
    const secretKeyFile = await sealKeyFile(label, secret, passphrase, random);
    return { secretKeyFile, publicKeyFile: encodePublicKeyFile(label), publicKey, keyId: keyId(publicKey) };
  } finally {
    secret.fill(0);
  }
}

/** Rejects with Failure 'key-unusable' (another or damaged file) or 'wrong-key' (another passphrase). */
export async function openSecretKey<Key extends UnlockedKey>(
  kind: KeyKind,
  Key: Unlock<Key>,
  bytes: Uint8Array,
  passphrase: Passphrase,
  subject: string,
): Promise<Key> {
  const { file, secret } = await openKeyFile(bytes, kind, passphrase, subject);
  try {
    const key = new Key(file.name, secret);
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
