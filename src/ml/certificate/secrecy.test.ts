import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { createImageCertificate } from './image-certificate.ts';
import { deriveResidualKey } from './key-derivation.ts';
import { grantLicence } from './licence.ts';
import { createOwnerKey, openOwnerKey } from './owner-key.ts';
import type { OwnerKey } from './owner-key.ts';
import { createRecipientKey, openRecipientKey } from './recipient-key.ts';
import { openLicence, ownerAccess } from './restore-access.ts';
import {
  deterministicBytes,
  sampleCreated,
  sampleInput,
  sampleRaster,
  sampleSetId,
} from './sample-certificate.fixture.ts';

const passphrase = 'a passphrase nobody may see';
const random = deterministicBytes('secrecy');
const label = { name: 'Clinic', created: sampleCreated, passphrase };
// What createOwnerKey draws first: the raw Ed25519 key, then the root secret; likewise for the recipient.
const ownerSecrets = [deterministicBytes('secrecy')(32), deterministicBytes('secrecy root')(32)];

/** Everything a program might print about a value. */
function shown(value: unknown): string {
  const error = value instanceof Error ? `${value.stack ?? ''} ${JSON.stringify(Object.entries(value))}` : '';
  return [JSON.stringify(value), inspect(value, { depth: 9, showHidden: true }), String(value), error].join(
    '\n',
  );
}

function expectHidden(value: unknown, secrets: readonly Buffer[]): void {
  const text = Buffer.isBuffer(value) ? value.toString('latin1') : shown(value);
  expect(text).not.toContain(passphrase);
  for (const secret of secrets) {
    for (const encoding of ['hex', 'base64', 'base64url', 'latin1'] as const) {
      expect(text.includes(secret.toString(encoding))).toBe(false);
    }
    expect(text.includes([...secret.subarray(0, 8)].join(','))).toBe(false);
    expect(
      text.includes([...secret.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')),
    ).toBe(false);
  }
}

describe('secrets', () => {
  let owner: OwnerKey;
  let secretKeyFile: Buffer;
  let secrets: Buffer[];
  beforeAll(async () => {
    const [signing, root] = ownerSecrets;
    const draws = [signing, root];
    const created = await createOwnerKey({ ...label, random: (size) => draws.shift() ?? random(size) });
    ({ secretKeyFile } = created);
    owner = await openOwnerKey(secretKeyFile, passphrase);
    const setKey = owner.setKey(sampleSetId);
    secrets = [...ownerSecrets.map((secret) => Buffer.from(secret)), setKey];
  });

  it('are really what the test looks for', () => {
    // The draws were wiped or copied; the set key must follow from the root secret drawn.
    expect(secrets.every((secret) => secret.length === 32 && secret.some((byte) => byte !== 0))).toBe(true);
    expect(() => {
      expectHidden({ leak: secrets[2].toString('hex') }, secrets);
    }).toThrow();
    expect(() => {
      expectHidden({ leak: secrets[2] }, secrets);
    }).toThrow();
  });

  it('do not show in keys and accesses, however they are printed', async () => {
    const recipient = await createRecipientKey(label);
    const key = await openRecipientKey(recipient.secretKeyFile, passphrase);
    for (const value of [owner, key, ownerAccess(owner)]) expectHidden(value, secrets);
    const { licenceFile } = await grantLicence({
      owner,
      setId: sampleSetId,
      scope: { kind: 'set' },
      recipient: { kind: 'x25519', publicKey: key.publicKey },
      licensee: 'x',
      terms: '',
      created: sampleCreated,
      expires: null,
    });
    const secret = { kind: 'x25519', key } as const;
    const access = await openLicence({
      licence: licenceFile,
      secret,
      trustedOwners: [owner],
      now: sampleCreated,
    });
    expectHidden(access, secrets);
    expectHidden(licenceFile, secrets);
    access.wipe();
    expect(access.residualKey(sampleSetId, 'aa'.repeat(16))).toEqual(
      deriveResidualKey(Buffer.alloc(32), 'aa'.repeat(16)),
    );
  });

  it('do not show in any file', () => {
    const input = sampleInput(sampleRaster(3, 8), owner);
    const { certificate, certificateFile, residual } = createImageCertificate(input);
    const keys = [...secrets, deriveResidualKey(owner.setKey(sampleSetId), certificate.body.imageId)];
    for (const value of [certificate, certificateFile, residual, secretKeyFile]) expectHidden(value, keys);
  });

  it('do not show in failures', async () => {
    const failures = await Promise.all([
      openOwnerKey(secretKeyFile, `${passphrase}?`).catch((error: unknown) => error),
      openOwnerKey(Buffer.from(passphrase), passphrase).catch((error: unknown) => error),
    ]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ name: 'Failure' });
      expectHidden(failure, secrets);
    }
  });
});
