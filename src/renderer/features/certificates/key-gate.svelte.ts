import type { Key } from '../../../shared/contract/certificates.ts';

/** Lets an act through that needs an unlocked key; asks for the passphrase first where the key is locked. */
export class KeyGate {
  /** Key whose passphrase is asked for. */
  key = $state.raw<Key | null>(null);
  asking = $state(false);
  #act: () => void = () => undefined;

  run(key: Key, act: () => void): void {
    if (key.unlocked) act();
    else this.ask(key, act);
  }

  /** Asks for the passphrase whatever the page believes: the engine may have locked the key since. */
  ask(key: Key, act: () => void): void {
    this.key = key;
    this.#act = act;
    this.asking = true;
  }

  /** The passphrase was right: what was asked for is done now. */
  unlocked(): void {
    const act = this.#act;
    this.#act = () => undefined;
    act();
  }
}
