import { readFile } from 'node:fs/promises';
import { openOwnerKey, type OwnerKey } from '../ml/certificate/owner-key.ts';
import { openRecipientKey, type RecipientKey } from '../ml/certificate/recipient-key.ts';
import { readTrustedOwner, type TrustedOwner } from '../ml/certificate/trust.ts';
import { Failure } from '../shared/failure.ts';
import { askPassphrase } from './passphrase.ts';

/** @throws Failure key-unusable or wrong-key */
export async function unlockOwnerKey(path: string, passphraseFile: string | undefined): Promise<OwnerKey> {
  const bytes = await readKeyFile(path);
  return openOwnerKey(bytes, await askPassphrase({ file: passphraseFile, purpose: path }), path);
}

/** @throws Failure key-unusable or wrong-key */
export async function unlockRecipientKey(
  path: string,
  passphraseFile: string | undefined,
): Promise<RecipientKey> {
  const bytes = await readKeyFile(path);
  return openRecipientKey(bytes, await askPassphrase({ file: passphraseFile, purpose: path }), path);
}

/** Public key files the reader trusts. @throws Failure key-unusable */
export async function readTrustedOwners(paths: readonly string[]): Promise<TrustedOwner[]> {
  return Promise.all(paths.map(async (path) => readTrustedOwner(await readKeyFile(path), path)));
}

export async function readKeyFile(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Failure('key-unusable', `${path} ${missing ? 'does not exist' : 'cannot be read'}`, {
      subject: path,
      hint: 'Make a key with: medlocker keys create-owner (or create-recipient).',
      cause: error,
    });
  });
}
