import type { LicenceFile } from '../../../../shared/contract/certificates.ts';
import type { PathHandle } from '../../../../shared/contract/handles.ts';
import type { FailureReply } from '../../../../shared/contract/reply.ts';
import { ask, askOrNotice } from '../../../state/ask.ts';
import { endOf, pathsIn } from './licence-fields.ts';

/** A licence as it is put together. */
export class Grant {
  /** Job whose protected folder is licensed; empty where a folder is. */
  job = $state('');
  folder = $state.raw<PathHandle | null>(null);
  /** One path in a line; nothing grants the whole set. */
  only = $state('');
  recipient = $state<'contact' | 'passphrase'>('contact');
  contact = $state('');
  passphrase = $state('');
  licensee = $state('');
  terms = $state('');
  /** A day as a date field gives it, 2027-01-31; empty for no end. */
  lastDay = $state('');
  busy = $state(false);
  result = $state.raw<LicenceFile | null>(null);
  failure = $state.raw<FailureReply | null>(null);
  readonly images = $derived(pathsIn(this.only));
  readonly ready = $derived(
    (this.job !== '' || this.folder !== null) &&
      this.licensee.trim() !== '' &&
      (this.recipient === 'contact' ? this.contact !== '' : this.passphrase !== ''),
  );

  /** Asks where the file goes, then writes and signs it. */
  async write(ownerKey: string): Promise<void> {
    const set = this.folder === null ? { job: this.job } : { folder: this.folder.id };
    const out = await askOrNotice('paths.pickSave', {
      suggestedName: `${this.licensee.trim().replaceAll(/[\\/:*?"<>|]/g, '-')}.licence.json`.slice(-200),
      kind: 'licence',
    });
    if (out === null) return;
    this.busy = true;
    this.result = null;
    this.failure = null;
    const reply = await ask('licences.grant', {
      ownerKey,
      set,
      images: this.images,
      recipient: this.recipient === 'contact' ? { contact: this.contact } : { passphrase: this.passphrase },
      licensee: this.licensee.trim(),
      terms: this.terms,
      expires: endOf(this.lastDay),
      out: out.id,
    });
    this.busy = false;
    if (!reply.ok) {
      this.failure = reply.failure;
      return;
    }
    this.result = reply.value;
    this.passphrase = '';
  }
}

export const grant = new Grant();
