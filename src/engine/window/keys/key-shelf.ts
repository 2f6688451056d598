import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyId } from '../../../ml/certificate/key-encoding.ts';
import { encodePublicKeyFile, readSecretKeyFile } from '../../../ml/certificate/key-file.ts';
import { createOwnerKey, openOwnerKey, type OwnerKey } from '../../../ml/certificate/owner-key.ts';
import {
  createRecipientKey,
  openRecipientKey,
  type RecipientKey,
} from '../../../ml/certificate/recipient-key.ts';
import { readPlainFile, whyUnread } from '../../../ml/plain-file.ts';
import type { KeyKind } from '../../../shared/certificate.ts';
import { Failure } from '../../../shared/failure.ts';
import { writeAtomically } from '../../jobs/atomic-write.ts';

/** What can be said of a key without its passphrase. */
export interface ShelvedKey {
  readonly id: string;
  readonly kind: KeyKind;
  readonly name: string;
  readonly created: string;
  readonly publicKey: string;
  readonly unlocked: boolean;
}

interface Unlocked {
  readonly key: OwnerKey | RecipientKey;
  /** For the job process, which opens the file itself: a secret key never travels. */
  readonly passphrase: string;
}

/** The person's own secret keys: files of the usual format in one private folder, unlocked ones in this process's memory only. */
export class KeyShelf {
  readonly #folder: string;
  readonly #unlocked = new Map<string, Unlocked>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(): Promise<ShelvedKey[]> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    const keys: ShelvedKey[] = [];
    for (const name of names.filter((one) => one.endsWith('.key'))) {
      const key = await this.#describe(name.slice(0, -'.key'.length)).catch(() => null);
      if (key !== null) keys.push(key);
    }
    return keys.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  }

  /** Makes a key and leaves it unlocked. @throws Failure key-unusable for a passphrase that is too short */
  async create(kind: KeyKind, name: string, passphrase: string): Promise<ShelvedKey> {
    const make = kind === 'owner' ? createOwnerKey : createRecipientKey;
    const { secretKeyFile, keyId: id } = await make({ name, created: new Date(), passphrase });
    await this.#store(id, secretKeyFile);
    return this.unlock(id, passphrase);
  }

  /** Takes a copy of a secret key file and unlocks it. @throws Failure key-unusable, wrong-key */
  async import(file: string, passphrase: string): Promise<ShelvedKey> {
    const bytes = await readPlainFile(file).catch((error: unknown) => {
      throw new Failure('key-unusable', `${file} cannot be read: ${whyUnread(error)}`, { subject: file });
    });
    const { kind } = readSecretKeyFile(bytes, file);
    const key = await openKey(kind, bytes, passphrase, file);
    await this.#store(key.keyId, bytes);
    this.#keep(key.keyId, key, passphrase);
    return this.#describe(key.keyId);
  }

  /** @throws Failure wrong-key for another passphrase */
  async unlock(id: string, passphrase: string): Promise<ShelvedKey> {
    const { kind, name } = await this.#describe(id);
    this.#keep(id, await openKey(kind, await this.#read(id), passphrase, name), passphrase);
    return this.#describe(id);
  }

  async lock(id: string): Promise<ShelvedKey> {
    this.#unlocked.get(id)?.key.wipe();
    this.#unlocked.delete(id);
    return this.#describe(id);
  }

  /** Wipes everything. */
  close(): void {
    for (const { key } of this.#unlocked.values()) key.wipe();
    this.#unlocked.clear();
  }

  /** @throws Failure wrong-key while it is locked */
  ownerKey(id: string): OwnerKey {
    const key = this.#unlockedKey(id).key;
    if ('sign' in key) return key;
    throw new Failure('usage', `${key.name} is a recipient's key; it cannot sign`, {
      hint: "Choose an owner's key.",
    });
  }

  /** @throws Failure wrong-key while it is locked */
  recipientKey(id: string): RecipientKey {
    const key = this.#unlockedKey(id).key;
    if ('agree' in key) return key;
    throw new Failure('usage', `${key.name} is an owner's key; licences are granted to recipients`, {
      hint: "Choose a recipient's key.",
    });
  }

  /** How a child process can open an unlocked key itself. @throws Failure wrong-key while it is locked */
  accessOf(id: string): { readonly file: string; readonly passphrase: string } {
    return { file: this.#file(id), passphrase: this.#unlockedKey(id).passphrase };
  }

  /** Bytes of the public half. @throws Failure key-unusable for an unknown key */
  async publicFile(id: string): Promise<Buffer> {
    const { kind, name, publicKey } = await this.#describe(id);
    return encodePublicKeyFile({ kind, name, publicKey });
  }

  #unlockedKey(id: string): Unlocked {
    const found = this.#unlocked.get(id);
    if (found !== undefined) return found;
    throw new Failure('wrong-key', 'the key is locked', { hint: 'Unlock it with its passphrase.' });
  }

  #keep(id: string, key: OwnerKey | RecipientKey, passphrase: string): void {
    this.#unlocked.get(id)?.key.wipe();
    this.#unlocked.set(id, { key, passphrase });
  }

  async #describe(id: string): Promise<ShelvedKey> {
    const { kind, name, created, publicKey } = readSecretKeyFile(await this.#read(id), 'the key file');
    return { id: keyId(publicKey), kind, name, created, publicKey, unlocked: this.#unlocked.has(id) };
  }

  async #store(id: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeAtomically(this.#file(id), bytes, 'keys', 0o600);
  }

  async #read(id: string): Promise<Buffer> {
    return readFile(this.#file(id)).catch((error: unknown) => {
      throw new Failure('key-unusable', 'the key is not there any more', {
        hint: 'Import its file again, or take a backup copy.',
        cause: error,
      });
    });
  }

  #file(id: string): string {
    if (!/^[0-9a-f]{16,64}$/.test(id)) throw new Failure('usage', 'there is no such key');
    return join(this.#folder, `${id}.key`);
  }
}

function openKey(
  kind: KeyKind,
  bytes: Uint8Array,
  passphrase: string,
  subject: string,
): Promise<OwnerKey | RecipientKey> {
  return kind === 'owner'
    ? openOwnerKey(bytes, passphrase, subject)
    : openRecipientKey(bytes, passphrase, subject);
}
