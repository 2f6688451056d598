import type { Contact } from '../../../../shared/contract/certificates.ts';
import { askOrNotice } from '../../../state/ask.ts';

/** People and clinics whose public keys are known. */
export class Contacts {
  list = $state.raw<readonly Contact[]>([]);
  read = $state(false);
  readonly recipients = $derived(this.list.filter(({ kind }) => kind === 'recipient'));

  async refresh(): Promise<void> {
    const list = await askOrNotice('contacts.list', {});
    if (list === null) return;
    this.list = list;
    this.read = true;
  }

  /** Asks for a public key file and adds whose it is; a key known already is replaced. */
  async add(): Promise<void> {
    const file = await askOrNotice('paths.pickFile', { purpose: 'publicKey' });
    if (file === null) return;
    const contact = await askOrNotice('contacts.add', { file: file.id });
    if (contact === null) return;
    this.list = [...this.list.filter(({ id }) => id !== contact.id), contact];
  }

  async remove({ id }: Contact): Promise<void> {
    if ((await askOrNotice('contacts.remove', { contact: id })) === null) return;
    this.list = this.list.filter((one) => one.id !== id);
  }
}

export const contacts = new Contacts();
