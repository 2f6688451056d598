import type { Key } from '../../shared/contract/certificates.ts';
import { ask } from './ask.ts';
import { engine } from './engine.svelte.ts';
import { preferences } from './preferences.svelte.ts';

/** Names and public halves of the keys; the secret halves never leave the engine. */
export class KeyList {
  list = $state.raw<readonly Key[]>([]);
  read = $state(false);
  readonly owners = $derived(this.list.filter(({ kind }) => kind === 'owner'));
  /** The owner key that signs unless another is chosen: that of the settings, else the first. */
  readonly owner = $derived(
    this.owners.find(({ id }) => id === preferences.current.ownerKey) ?? this.owners[0] ?? null,
  );

  open(): void {
    engine.onRunning(() => void this.refresh());
  }

  async refresh(): Promise<void> {
    const reply = await ask('keys.list', {});
    if (!reply.ok) return;
    this.list = reply.value;
    this.read = true;
  }

  /** Puts a key just made, imported, locked or unlocked into the list. */
  take(key: Key): void {
    const known = this.list.some(({ id }) => id === key.id);
    this.list = known ? this.list.map((old) => (old.id === key.id ? key : old)) : [...this.list, key];
  }
}

export const keys = new KeyList();
