import { scrypt } from 'node:crypto';
import { Failure } from '../../shared/failure.ts';

/** A passphrase: text (taken in Unicode normal form NFC, as UTF-8) or the bytes themselves. */
export type Passphrase = string | Uint8Array;

export interface ScryptParameters {
  /** Base-2 logarithm of the cost N, 17..20; r is 8, p is 1. N = 2^17 takes 128 MiB. */
  readonly logN: number;
  /** 16 bytes, hex. */
  readonly salt: string;
}

export const defaultLogN = 17;
const shortest = 8;

/** 32-byte key of a passphrase by scrypt (RFC 7914). Rejects with Failure 'key-unusable' for an empty passphrase. */
export async function passphraseKey(
  passphrase: Passphrase,
  { logN, salt }: ScryptParameters,
): Promise<Buffer> {
  const bytes = passphraseBytes(passphrase);
  try {
    if (bytes.length === 0)
      throw new Failure('key-unusable', 'the passphrase is empty', { hint: 'Give a passphrase.' });
    return await new Promise<Buffer>((resolve, reject) => {
      const options = { N: 2 ** logN, r: 8, p: 1, maxmem: 2 ** logN * 8 * 128 + 2 ** 20 };
      scrypt(bytes, Buffer.from(salt, 'hex'), 32, options, (error, key) => {
        if (error) reject(error);
        else resolve(key);
      });
    });
  } finally {
    bytes.fill(0);
  }
}

/** Throws Failure 'key-unusable' when a passphrase is too short to protect anything new with it. */
export function requireUsablePassphrase(passphrase: Passphrase): void {
  const bytes = passphraseBytes(passphrase);
  const length = bytes.length;
  bytes.fill(0);
  if (length >= shortest) return;
  throw new Failure('key-unusable', `the passphrase is shorter than ${shortest} bytes`, {
    hint: 'Use a longer passphrase, for example five unrelated words.',
  });
}

function passphraseBytes(passphrase: Passphrase): Buffer {
  return typeof passphrase === 'string'
    ? Buffer.from(passphrase.normalize('NFC'), 'utf8')
    : Buffer.from(passphrase);
}
