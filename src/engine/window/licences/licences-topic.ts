import type { LicenceGrant } from '../../../ml/certificate/licence.ts';
import type { RequestInput } from '../../../shared/contract/requests.ts';
import { Failure } from '../../../shared/failure.ts';
import { grantSetLicence } from '../../workflows/licence.ts';
import type { ContactBook } from '../contacts/contact-book.ts';
import type { JobShelf } from '../jobs/job-shelf.ts';
import type { KeyShelf } from '../keys/key-shelf.ts';
import type { Topic, WindowHost } from '../topic.ts';

type Grant = RequestInput<'licences.grant'>;

export interface LicencesNeed {
  readonly host: WindowHost;
  readonly keys: KeyShelf;
  readonly contacts: ContactBook;
  readonly shelf: JobShelf;
}

/** Licences: the right to restore, given to a contact's key or to whoever knows a passphrase. */
export function licencesTopic(need: LicencesNeed): Topic<'licences.grant'> {
  const { keys, shelf, host } = need;
  const { paths } = host;
  return {
    'licences.grant': async (grant) => {
      const created = new Date();
      const expires = expiryOf(grant, created);
      const out = paths.pathOf(grant.out);
      const licence = await grantSetLicence({
        owner: keys.ownerKey(grant.ownerKey),
        set: 'job' in grant.set ? shelf.get(grant.set.job).record.job.out : paths.pathOf(grant.set.folder),
        images: grant.images,
        recipient: await recipientOf(grant, need),
        licensee: grant.licensee,
        terms: grant.terms,
        created,
        expires,
        out,
      });
      const { licenceId, licensee, scope } = licence.body;
      return {
        licenceId,
        licensee,
        created: licence.body.created,
        expires: licence.body.expires,
        scope: scope.kind === 'set' ? 'the whole set' : `${scope.imageIds.length} images`,
        file: paths.handle(out, 'file'),
      };
    },
  };
}

function expiryOf({ expires }: Grant, created: Date): Date | null {
  if (expires === null) return null;
  const end = new Date(expires);
  if (end.getTime() > created.getTime()) return end;
  throw new Failure('usage', 'the licence would have ended before it begins', {
    hint: 'Choose a later last day, or none.',
  });
}

/** A contact, or a recipient key of one's own: to try a licence out, or to work at two places. */
async function recipientOf(
  { recipient }: Grant,
  { contacts, keys }: LicencesNeed,
): Promise<LicenceGrant['recipient']> {
  if ('passphrase' in recipient) return { kind: 'passphrase', passphrase: recipient.passphrase };
  const own = (await keys.list()).find(({ id }) => id === recipient.contact);
  const { kind, name, publicKey } = own ?? (await contacts.find(recipient.contact));
  if (kind === 'recipient') return { kind: 'x25519', publicKey };
  throw new Failure('usage', `${name} is an owner's key; licences are granted to recipients`, {
    hint: 'Ask for the public file of a recipient key and add it.',
  });
}
