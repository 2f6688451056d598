import type { TrustedOwner } from '../../../ml/certificate/trust.ts';
import type { ContactBook } from '../contacts/contact-book.ts';
import type { KeyShelf } from '../keys/key-shelf.ts';

/** Whose signatures this person trusts: own owner keys, locked or not, and the owners among the contacts. */
export async function trustedOwnersOf(keys: KeyShelf, contacts: ContactBook): Promise<TrustedOwner[]> {
  const own = (await keys.list())
    .filter(({ kind }) => kind === 'owner')
    .map(({ name, publicKey, id }) => ({ name, publicKey, keyId: id }));
  return [...own, ...(await contacts.trustedOwners())];
}
