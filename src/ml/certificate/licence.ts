import { randomBytes } from 'node:crypto';
import { formats, licenceSchema } from '../../shared/certificate.ts';
import type { Licence, LicenceBody } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { encrypt, nonceBytes } from './authenticated-encryption.ts';
import { canonicalBytes } from './canonical-json.ts';
import { derive, deriveResidualKey } from './key-derivation.ts';
import { encodePkcs8 } from './key-encoding.ts';
import type { RandomBytes } from './key-encoding.ts';
import type { OwnerKey } from './owner-key.ts';
import { defaultLogN, passphraseKey, requireUsablePassphrase } from './passphrase.ts';
import type { Passphrase, ScryptParameters } from './passphrase.ts';
import { RecipientKey } from './recipient-key.ts';
import { encodeDocument, readDocument, signDocument } from './signed-document.ts';
import type { ReadDocument } from './signed-document.ts';

const largestLicence = 128 * 2 ** 20;

export interface LicenceGrant {
  readonly owner: OwnerKey;
  readonly setId: string;
  /** `set`: every image of the set, also those protected later under its id; else only the images listed. */
  readonly scope:
    { readonly kind: 'set' } | { readonly kind: 'images'; readonly imageIds: readonly string[] };
  readonly recipient:
    | { readonly kind: 'x25519'; readonly publicKey: string }
    | { readonly kind: 'passphrase'; readonly passphrase: Passphrase };
  readonly licensee: string;
  readonly terms: string;
  readonly created: Date;
  /** First instant at which `restore` refuses; null for no end. A signed term, no cryptographic limit. */
  readonly expires: Date | null;
  readonly random?: RandomBytes;
}

/**
 * Signed licence that wraps the set key, or the keys of single images, for one recipient. Rejects with Failure
 * 'key-unusable' for a short passphrase or a public key nothing can be agreed with.
 */
export async function grantLicence(grant: LicenceGrant): Promise<{ licence: Licence; licenceFile: Buffer }> {
  const random = grant.random ?? randomBytes;
  const { recipient, wrappingKey } = await wrappingFor(grant.recipient, random);
  const unwrapped: Omit<LicenceBody, 'wrappedKeys'> = {
    licenceId: random(16).toString('hex'),
    setId: grant.setId,
    created: grant.created.toISOString(),
    expires: grant.expires?.toISOString() ?? null,
    owner: { name: grant.owner.name, publicKey: grant.owner.publicKey },
    licensee: grant.licensee,
    terms: grant.terms,
    scope:
      grant.scope.kind === 'set'
        ? { kind: 'set' }
        : { kind: 'images', imageIds: [...new Set(grant.scope.imageIds)].sort() },
    recipient,
  };
  const keys = keysOf(grant.owner, unwrapped);
  const sealed = encrypt(wrappingKey, Buffer.from(recipient.nonce, 'hex'), canonicalBytes(unwrapped), keys);
  keys.fill(0);
  wrappingKey.fill(0);
  const body = { ...unwrapped, wrappedKeys: sealed.toString('hex') };
  const licence = signDocument(licenceSchema, formats.licence, body, grant.owner);
  return { licence, licenceFile: encodeDocument(licence) };
}

/** Parses a licence file without judging its signature or term; throws Failure 'licence-invalid'. */
export function readLicence(bytes: Uint8Array, subject: string): ReadDocument<Licence> {
  return readDocument(bytes, licenceSchema, formats.licence, {
    subject,
    what: 'licence',
    code: 'licence-invalid',
    limit: largestLicence,
  });
}

/** Key that wraps the licence's keys for an X25519 recipient, the same from both sides of the agreement. */
export function agreedWrappingKey(shared: Buffer, ephemeralKey: string, publicKey: string): Buffer {
  const salt = Buffer.concat([Buffer.from(ephemeralKey, 'hex'), Buffer.from(publicKey, 'hex')]);
  return derive(shared, salt, 'medlocker/1 licence key');
}

async function wrappingFor(
  recipient: LicenceGrant['recipient'],
  random: RandomBytes,
): Promise<{ recipient: LicenceBody['recipient']; wrappingKey: Buffer }> {
  if (recipient.kind === 'passphrase') {
    requireUsablePassphrase(recipient.passphrase);
    const scrypt: ScryptParameters = { logN: defaultLogN, salt: random(16).toString('hex') };
    const wrappingKey = await passphraseKey(recipient.passphrase, scrypt);
    return {
      recipient: { kind: 'passphrase', scrypt, nonce: random(nonceBytes).toString('hex') },
      wrappingKey,
    };
  }
  const { publicKey } = recipient;
  const pkcs8 = encodePkcs8('x25519', random(32));
  const ephemeral = new RecipientKey('', pkcs8);
  pkcs8.fill(0);
  const shared = agree(ephemeral, publicKey);
  const wrappingKey = agreedWrappingKey(shared, ephemeral.publicKey, publicKey);
  shared.fill(0);
  const nonce = random(nonceBytes).toString('hex');
  return { recipient: { kind: 'x25519', publicKey, ephemeralKey: ephemeral.publicKey, nonce }, wrappingKey };
}

function agree(ephemeral: RecipientKey, publicKey: string): Buffer {
  try {
    return ephemeral.agree(publicKey);
  } catch (cause) {
    throw new Failure('key-unusable', `recipient ${publicKey}: this public key cannot receive a licence`, {
      hint: 'Ask the recipient for a new public key file.',
      cause,
    });
  }
}

function keysOf(owner: OwnerKey, { setId, scope }: Pick<LicenceBody, 'setId' | 'scope'>): Buffer {
  const setKey = owner.setKey(setId);
  if (scope.kind === 'set') return setKey;
  const keys = scope.imageIds.map((imageId) => deriveResidualKey(setKey, imageId));
  const all = Buffer.concat(keys);
  for (const key of [setKey, ...keys]) key.fill(0);
  return all;
}
