import { formats, publicKeyFileSchema, secretKeyFileSchema } from '../../shared/certificate.ts';
import type { KeyKind, PublicKeyFile, SecretKeyFile } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { decrypt, encrypt, nonceBytes } from './authenticated-encryption.ts';
import { canonicalBytes, canonicalFile, matchSchema, parseCanonicalFile } from './canonical-json.ts';
import type { RandomBytes } from './key-encoding.ts';
import { defaultLogN, passphraseKey, requireUsablePassphrase } from './passphrase.ts';
import type { Passphrase } from './passphrase.ts';

const largestKeyFile = 65_536;

export interface KeyLabel {
  readonly kind: KeyKind;
  readonly name: string;
  readonly created: Date;
  readonly publicKey: string;
}

/** Secret key file (docs/formats.md): `secret` under a scrypt passphrase, every other field authenticated. */
export async function sealKeyFile(
  label: KeyLabel,
  secret: Buffer,
  passphrase: Passphrase,
  random: RandomBytes,
): Promise<Buffer> {
  requireUsablePassphrase(passphrase);
  const header = {
    format: formats.secretKey,
    kind: label.kind,
    name: label.name,
    created: label.created.toISOString(),
    publicKey: label.publicKey,
    scrypt: { logN: defaultLogN, salt: random(16).toString('hex') },
    nonce: random(nonceBytes).toString('hex'),
  };
  const key = await passphraseKey(passphrase, header.scrypt);
  try {
    const sealed = encrypt(key, Buffer.from(header.nonce, 'hex'), canonicalBytes(header), secret);
    return canonicalFile(secretKeyFileSchema.parse({ ...header, ciphertext: sealed.toString('hex') }));
  } finally {
    key.fill(0);
  }
}

/**
 * Opens a secret key file. Rejects with Failure 'key-unusable' for another or damaged file and 'wrong-key' for another
 * passphrase. The caller wipes `secret`.
 */
export async function openKeyFile(
  bytes: Uint8Array,
  kind: KeyKind,
  passphrase: Passphrase,
  subject: string,
): Promise<{ readonly file: SecretKeyFile; readonly secret: Buffer }> {
  const file = readSecretKeyFile(bytes, subject);
  if (file.kind !== kind) {
    throw new Failure(
      'key-unusable',
      `${subject}: holds the secret key of kind "${file.kind}", needed is "${kind}"`,
      {
        subject,
        hint: `Give the secret key file of the ${kind}.`,
      },
    );
  }
  const { ciphertext, ...header } = file;
  const key = await passphraseKey(passphrase, file.scrypt);
  const sealed = Buffer.from(ciphertext, 'hex');
  const secret = decrypt(key, Buffer.from(file.nonce, 'hex'), canonicalBytes(header), sealed);
  key.fill(0);
  if (secret !== null) return { file, secret };
  throw new Failure('wrong-key', `${subject}: the passphrase does not open this key file`, {
    subject,
    hint: 'Check the passphrase; if it is right, the file was altered: take a backup copy.',
  });
}

/** The readable part of a secret key file, without its passphrase. */
export function readSecretKeyFile(bytes: Uint8Array, subject: string): SecretKeyFile {
  const options = { subject, what: 'secret key file', code: 'key-unusable', limit: largestKeyFile } as const;
  return matchSchema(parseCanonicalFile(bytes, options), secretKeyFileSchema, formats.secretKey, options);
}

/** The file to hand out: lets others check signatures (owner) or grant licences (recipient). */
export function encodePublicKeyFile(label: Omit<KeyLabel, 'created'>): Buffer {
  const { kind, name, publicKey } = label;
  return canonicalFile(publicKeyFileSchema.parse({ format: formats.publicKey, kind, name, publicKey }));
}

/** Throws Failure 'key-unusable' for another or damaged file and for a key of the other kind. */
export function readPublicKeyFile(bytes: Uint8Array, kind: KeyKind, subject: string): PublicKeyFile {
  const file = readAnyPublicKeyFile(bytes, subject);
  if (file.kind === kind) return file;
  throw new Failure(
    'key-unusable',
    `${subject}: holds the public key of kind "${file.kind}", needed is "${kind}"`,
    {
      subject,
      hint: `Give the public key file of the ${kind}.`,
    },
  );
}

/** A public key file of either kind; throws Failure 'key-unusable' for another or damaged file. */
export function readAnyPublicKeyFile(bytes: Uint8Array, subject: string): PublicKeyFile {
  const options = { subject, what: 'public key file', code: 'key-unusable', limit: largestKeyFile } as const;
  return matchSchema(parseCanonicalFile(bytes, options), publicKeyFileSchema, formats.publicKey, options);
}
