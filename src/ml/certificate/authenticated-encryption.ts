import { createCipheriv, createDecipheriv } from 'node:crypto';

const algorithm = 'aes-256-gcm';
export const tagBytes = 16;
export const nonceBytes = 12;

/** AES-256-GCM (NIST SP 800-38D): ciphertext followed by the 16-byte tag. */
export function encrypt(key: Buffer, nonce: Buffer, associated: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext, or null when key, nonce, associated data or ciphertext are not those of the encryption. */
export function decrypt(key: Buffer, nonce: Buffer, associated: Buffer, sealed: Buffer): Buffer | null {
  if (sealed.length < tagBytes) return null;
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    // Unauthenticated plaintext must not stay behind.
    plaintext.fill(0);
    return null;
  }
}
