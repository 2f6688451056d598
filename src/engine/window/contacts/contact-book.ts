import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keyId } from '../../../ml/certificate/key-encoding.ts';
import { readAnyPublicKeyFile } from '../../../ml/certificate/key-file.ts';
import type { TrustedOwner } from '../../../ml/certificate/trust.ts';
import { readPlainFile, whyUnread } from '../../../ml/plain-file.ts';
import type { Contact } from '../../../shared/contract/certificates.ts';
import { Failure } from '../../../shared/failure.ts';
import { writeAtomically } from '../../jobs/atomic-write.ts';

const largestFile = 65_536;

/** Public keys of others, copies of their files in one folder: recipients of licences, and owners whose signatures are trusted. */
export class ContactBook {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** By name. A file that is none of ours is passed over. */
  async list(): Promise<Contact[]> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    const contacts: Contact[] = [];
    for (const name of names.filter((one) => one.endsWith('.pub'))) {
      const bytes = await readFile(join(this.#folder, name)).catch(() => null);
      const contact = bytes === null ? null : contactOrNull(bytes, name);
      if (contact !== null) contacts.push(contact);
    }
    return contacts.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  }

  /** Takes a copy of a public key file. @throws Failure key-unusable, also for a secret key, which nobody should hand out */
  async add(file: string): Promise<Contact> {
    const bytes = await readPlainFile(file, largestFile).catch((error: unknown) => {
      throw new Failure('key-unusable', `${file} cannot be read: ${whyUnread(error)}`, {
        subject: file,
        hint: 'Choose a public key file (.pub).',
        cause: error,
      });
    });
    const contact = contactOf(bytes, file);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeAtomically(this.#file(contact.id), bytes, 'contacts', 0o600);
    return contact;
  }

  async remove(id: string): Promise<void> {
    await this.find(id);
    await rm(this.#file(id), { force: true });
  }

  /** @throws Failure usage for an id that is not in the list */
  async find(id: string): Promise<Contact> {
    const found = (await this.list()).find((contact) => contact.id === id);
    if (found !== undefined) return found;
    throw new Failure('usage', 'the contact is not in the list any more', {
      hint: 'Add its public key file again.',
    });
  }

  /** The owners among them: to add an owner's key is to trust it. */
  async trustedOwners(): Promise<TrustedOwner[]> {
    return (await this.list())
      .filter(({ kind }) => kind === 'owner')
      .map(({ name, publicKey, id }) => ({ name, publicKey, keyId: id }));
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.pub`);
  }
}

function contactOf(bytes: Uint8Array, subject: string): Contact {
  const { kind, name, publicKey } = readAnyPublicKeyFile(bytes, subject);
  return { id: keyId(publicKey), kind, name, publicKey };
}

function contactOrNull(bytes: Uint8Array, subject: string): Contact | null {
  try {
    return contactOf(bytes, subject);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}
