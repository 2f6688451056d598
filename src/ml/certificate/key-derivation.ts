import { createHash, hkdfSync } from 'node:crypto';

/**
 * The tree of keys, all by HKDF-SHA256 (RFC 5869), 32 bytes each:
 * owner's root secret -> set key (salt: set id) -> per image: residual key and nonce key (salt: image id).
 * A licence hands out a set key or residual keys, never the root secret.
 */
export function deriveSetKey(rootSecret: Buffer, setId: string): Buffer {
  return derive(rootSecret, Buffer.from(setId, 'hex'), 'medlocker/1 set key');
}

export function deriveResidualKey(setKey: Buffer, imageId: string): Buffer {
  return derive(setKey, Buffer.from(imageId, 'hex'), 'medlocker/1 residual key');
}

export function deriveNonceKey(setKey: Buffer, imageId: string): Buffer {
  return derive(setKey, Buffer.from(imageId, 'hex'), 'medlocker/1 residual nonce');
}

/** RFC 5869 with SHA-256, 32 bytes out. */
export function derive(secret: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, 32));
}

/**
 * Names one protection of one image: the first 16 bytes of SHA-256 over "medlocker-image/1\n" and both pixel hashes.
 * Anybody with the certificate can recompute it.
 */
export function deriveImageId(originalPixelsSha256: string, protectedPixelsSha256: string): string {
  return idOf('medlocker-image/1\n', [originalPixelsSha256, protectedPixelsSha256]);
}

/**
 * A set id every shard of a job finds by itself: the first 16 bytes of SHA-256 over "medlocker-set/1\n" and the
 * SHA-256 values (lower-case hex) of what makes the job what it is, e.g. its settings, logo, surrogates and folder name.
 */
export function deriveSetId(sha256s: readonly string[]): string {
  return idOf('medlocker-set/1\n', sha256s);
}

function idOf(domain: string, sha256s: readonly string[]): string {
  const hash = createHash('sha256').update(domain);
  for (const value of sha256s) {
    if (!/^[0-9a-f]{64}$/.test(value))
      throw new RangeError('an id is made of SHA-256 values in lower-case hex');
    hash.update(Buffer.from(value, 'hex'));
  }
  return hash.digest().subarray(0, 16).toString('hex');
}
