import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { openOwnerKey } from '../../../ml/certificate/owner-key.ts';
import { openRecipientKey } from '../../../ml/certificate/recipient-key.ts';
import { openLicence, ownerAccess, type RestoreAccess } from '../../../ml/certificate/restore-access.ts';
import { readPlainFile, whyUnread } from '../../../ml/plain-file.ts';
import type { Restoration } from '../../../shared/contract/certificates.ts';
import { Failure } from '../../../shared/failure.ts';
import { restore } from '../../workflows/restore.ts';
import type { RestoreTask } from './set-wire.ts';
import type { Watch } from './watch.ts';

/**
 * Restores what an owner's key, a licence to a recipient's key, or a licence under a passphrase opens, and says of every image whether
 * it came back bit for bit.
 *
 * @throws Failure wrong-key for another passphrase, licence-expired, signature-invalid, signer-unknown
 */
export async function restoreFolder(task: RestoreTask, watch: Watch): Promise<Restoration['images']> {
  const { path, out, trustedOwners } = task;
  const now = new Date();
  const access = await openAccess(task, now);
  try {
    const { restored, failures, outcome } = await restore(
      { path, out, access, trustedOwners, preview: false, keepsExisting: true, now },
      watch,
    );
    if (outcome === 'cancelled') {
      throw new Failure('cancelled', 'the restoration was stopped', {
        hint: `${restored.length} images are restored and stay.`,
      });
    }
    const exact = restored.map(({ path, originalPixelsSha256 }) => ({
      path,
      exact: true,
      originalPixelsSha256,
      reason: null,
      code: null,
    }));
    const refused = failures.map(({ path, reason, code }) => ({
      path,
      exact: false,
      originalPixelsSha256: null,
      reason,
      code,
    }));
    return [...exact, ...refused].sort((a, b) => (a.path < b.path ? -1 : 1));
  } finally {
    access.wipe();
  }
}

async function openAccess({ access, trustedOwners }: RestoreTask, now: Date): Promise<RestoreAccess> {
  if (access.kind === 'owner') {
    const { file, passphrase } = access.key;
    return ownerAccess(await openOwnerKey(await readFile(file), passphrase, 'the owner key'));
  }
  const path = access.licence;
  const licence = await readPlainFile(path).catch((error: unknown) => {
    throw new Failure('licence-invalid', `${basename(path)} cannot be read: ${whyUnread(error)}`, {
      hint: 'Choose the licence file again.',
      cause: error,
    });
  });
  const secret =
    access.kind === 'licence'
      ? ({ kind: 'x25519', key: await recipientKey(access.key) } as const)
      : ({ kind: 'passphrase', passphrase: access.passphrase } as const);
  return openLicence({ licence, secret, trustedOwners, now, subject: basename(path) });
}

async function recipientKey({ file, passphrase }: { readonly file: string; readonly passphrase: string }) {
  return openRecipientKey(await readFile(file), passphrase, 'the recipient key');
}
