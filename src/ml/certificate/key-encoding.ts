import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { sha256Hex } from './digest.ts';

export type Curve = 'ed25519' | 'x25519';

/** Source of random bytes; only test vectors give another one than node:crypto's. */
export type RandomBytes = (size: number) => Buffer;

// DER before the 32 raw bytes (RFC 8410): PKCS#8 for private, SubjectPublicKeyInfo for public keys.
const pkcs8Prefix = {
  ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
  x25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
};
const spkiPrefix = {
  ed25519: Buffer.from('302a300506032b6570032100', 'hex'),
  x25519: Buffer.from('302a300506032b656e032100', 'hex'),
};

/** Length of a PKCS#8 key of either curve. */
export const pkcs8Bytes = 48;

/** PKCS#8 DER of a private key given by its 32 raw bytes. */
export function encodePkcs8(curve: Curve, raw: Buffer): Buffer {
  return Buffer.concat([pkcs8Prefix[curve], raw]);
}

/** Throws when the bytes are no PKCS#8 key of the curve. */
export function privateKeyFrom(curve: Curve, pkcs8: Buffer): KeyObject {
  const expected = pkcs8Prefix[curve];
  if (pkcs8.length !== pkcs8Bytes || !pkcs8.subarray(0, expected.length).equals(expected)) {
    throw new TypeError(`no PKCS#8 key for ${curve}`);
  }
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

export function publicKeyFrom(curve: Curve, rawHex: string): KeyObject {
  const der = Buffer.concat([spkiPrefix[curve], Buffer.from(rawHex, 'hex')]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

/** The 32 raw bytes of the public half, hex. */
export function rawPublicKey(key: KeyObject): string {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return half.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
}

/** SHA-256 of the 32 raw bytes of a public key, hex. */
export function keyId(publicKeyHex: string): string {
  return sha256Hex(Buffer.from(publicKeyHex, 'hex'));
}

/** The first 16 digits of a key id in groups of four, for people to compare. */
export function shortKeyId(publicKeyHex: string): string {
  return keyId(publicKeyHex)
    .slice(0, 16)
    .replace(/(.{4})(?=.)/g, '$1-');
}
