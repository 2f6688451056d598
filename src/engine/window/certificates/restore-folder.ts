import { basename } from 'node:path';
import { openLicence, ownerAccess, type RestoreAccess } from '../../../ml/certificate/restore-access.ts';
import type { TrustedOwner } from '../../../ml/certificate/trust.ts';
import { readPlainFile, whyUnread } from '../../../ml/plain-file.ts';
import type { Restoration } from '../../../shared/contract/certificates.ts';
import type { RequestInput } from '../../../shared/contract/requests.ts';
import { Failure } from '../../../shared/failure.ts';
import { restore } from '../../workflows/restore.ts';
import type { KeyShelf } from '../keys/key-shelf.ts';
import type { PathBook } from '../path-book.ts';
import type { Watch } from './checking.ts';

type Request = RequestInput<'certificates.restore'>;

/**
 * Restores what an owner's key, a licence to a recipient's key, or a licence under a passphrase opens, and says of every image whether
 * it came back bit for bit.
 *
 * @throws Failure wrong-key while the key is locked or the passphrase is another, licence-expired, signature-invalid, signer-unknown
 */
export async function restoreFolder(
  request: Request,
  context: {
    readonly keys: KeyShelf;
    readonly paths: PathBook;
    readonly trustedOwners: readonly TrustedOwner[];
    readonly watch: Watch;
  },
): Promise<Restoration> {
  const { paths, trustedOwners, watch } = context;
  const out = paths.pathOf(request.out);
  const now = new Date();
  const access = await openAccess(request, context, now);
  try {
    const { restored, failures, outcome } = await restore(
      {
        path: paths.pathOf(request.path),
        out,
        access,
        trustedOwners,
        preview: false,
        keepsExisting: true,
        now,
      },
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
    const images = [...exact, ...refused].sort((a, b) => (a.path < b.path ? -1 : 1));
    return { out: paths.handle(out, 'folder'), images };
  } finally {
    access.wipe();
  }
}

async function openAccess(
  { access }: Request,
  { keys, paths, trustedOwners }: { keys: KeyShelf; paths: PathBook; trustedOwners: readonly TrustedOwner[] },
  now: Date,
): Promise<RestoreAccess> {
  if (access.kind === 'owner') return ownerAccess(keys.ownerKey(access.key));
  const path = paths.pathOf(access.licence);
  const licence = await readPlainFile(path).catch((error: unknown) => {
    throw new Failure('licence-invalid', `${basename(path)} cannot be read: ${whyUnread(error)}`, {
      hint: 'Choose the licence file again.',
      cause: error,
    });
  });
  const secret =
    access.kind === 'licence'
      ? ({ kind: 'x25519', key: keys.recipientKey(access.key) } as const)
      : ({ kind: 'passphrase', passphrase: access.passphrase } as const);
  return openLicence({ licence, secret, trustedOwners, now, subject: basename(path) });
}
