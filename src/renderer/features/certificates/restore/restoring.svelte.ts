import type { Restoration } from '../../../../shared/contract/certificates.ts';
import type { PathHandle } from '../../../../shared/contract/handles.ts';
import type { FailureReply } from '../../../../shared/contract/reply.ts';
import type { RequestInput } from '../../../../shared/contract/requests.ts';
import { ask } from '../../../state/ask.ts';
import { checking } from '../checking.svelte.ts';

export const accessKinds = ['owner', 'licence', 'passphrase'] as const;
export type AccessKind = (typeof accessKinds)[number];

/** A restoration as it is put together, and what came of the last one. */
export class Restoring {
  set = $state.raw<PathHandle | null>(null);
  out = $state.raw<PathHandle | null>(null);
  access = $state<AccessKind>('owner');
  licence = $state.raw<PathHandle | null>(null);
  /** Id of an owner key, or of a recipient key where a licence opens the images; empty while none is chosen. */
  ownerKey = $state('');
  recipientKey = $state('');
  passphrase = $state('');
  busy = $state(false);
  result = $state.raw<Restoration | null>(null);
  failure = $state.raw<FailureReply | null>(null);
  readonly ready = $derived(this.set !== null && this.out !== null && this.#accessChosen() !== null);
  readonly exact = $derived(this.result?.images.filter(({ exact }) => exact).length ?? 0);

  async run(): Promise<void> {
    const [set, out, access] = [this.set, this.out, this.#accessChosen()];
    if (set === null || out === null || access === null) return;
    this.busy = true;
    checking.begin();
    this.result = null;
    this.failure = null;
    const reply = await ask('certificates.restore', { path: set.id, out: out.id, access });
    this.busy = false;
    this.passphrase = '';
    if (reply.ok) this.result = reply.value;
    else this.failure = reply.failure;
  }

  #accessChosen(): RequestInput<'certificates.restore'>['access'] | null {
    const licence = this.licence?.id;
    switch (this.access) {
      case 'owner':
        return this.ownerKey === '' ? null : { kind: 'owner', key: this.ownerKey };
      case 'licence':
        if (licence === undefined || this.recipientKey === '') return null;
        return { kind: 'licence', licence, key: this.recipientKey };
      case 'passphrase':
        if (licence === undefined || this.passphrase === '') return null;
        return { kind: 'passphrase', licence, passphrase: this.passphrase };
    }
  }
}

export const restoring = new Restoring();
