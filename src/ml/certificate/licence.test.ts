import { beforeAll, describe, expect, it } from 'vitest';
import { formats, licenceSchema } from '../../shared/certificate.ts';
import { createImageCertificate } from './image-certificate.ts';
import { encodePkcs8 } from './key-encoding.ts';
import { grantLicence, readLicence } from './licence.ts';
import type { LicenceGrant } from './licence.ts';
import { RecipientKey } from './recipient-key.ts';
import { openLicence, ownerAccess } from './restore-access.ts';
import type { RecipientSecret } from './restore-access.ts';
import { restoreImage } from './restore.ts';
import {
  deterministicBytes,
  sampleCreated,
  sampleInput,
  sampleOwner,
  sampleRaster,
  sampleSetId,
} from './sample-certificate.fixture.ts';
import { encodeDocument, signDocument } from './signed-document.ts';

const owner = sampleOwner();
const now = new Date('2026-06-01T00:00:00.000Z');
const recipientKey = (seed: string) =>
  new RecipientKey(seed, encodePkcs8('x25519', deterministicBytes(seed)(32)));
const ada = recipientKey('ada');
const failure = (code: string): unknown => expect.objectContaining({ name: 'Failure', code });

const images = [sampleRaster(3, 8), sampleRaster(1, 16)].map((raster) => {
  const input = sampleInput(raster, owner);
  return { input, ...createImageCertificate(input) };
});
const ids = images.map(({ certificate }) => certificate.body.imageId);

function grant(change: Partial<LicenceGrant> = {}) {
  return grantLicence({
    owner,
    setId: sampleSetId,
    scope: { kind: 'set' },
    recipient: { kind: 'x25519', publicKey: ada.publicKey },
    licensee: 'Ada',
    terms: 'Research only.',
    created: sampleCreated,
    expires: null,
    ...change,
  });
}

async function restoreWith(
  licence: Uint8Array,
  index: number,
  secret: RecipientSecret = { kind: 'x25519', key: ada },
) {
  const access = await openLicence({ licence, secret, trustedOwners: [owner], now });
  const { input, certificateFile, residual } = images[index];
  const { original, proof } = restoreImage({
    protected: input.protected,
    certificate: certificateFile,
    residual,
    access,
    trustedOwners: [owner],
    now,
  });
  expect(original).toEqual(input.original);
  return proof;
}

describe('a licence for a set', () => {
  it('opens every image of the set for its recipient', async () => {
    const { licence, licenceFile } = await grant();
    for (const index of [0, 1]) {
      expect(await restoreWith(licenceFile, index)).toMatchObject({ licenceId: licence.body.licenceId });
    }
  });

  it('opens nothing of another set', async () => {
    const { licenceFile } = await grant({ setId: 'ab'.repeat(16) });
    await expect(restoreWith(licenceFile, 0)).rejects.toEqual(failure('licence-invalid'));
  });

  it('does not open for anybody else', async () => {
    const { licenceFile } = await grant();
    for (let other = 0; other < 50; other++) {
      const secret = { kind: 'x25519', key: recipientKey(`other ${other}`) } as const;
      await expect(restoreWith(licenceFile, 0, secret)).rejects.toEqual(failure('wrong-key'));
    }
    const phrase = { kind: 'passphrase', passphrase: 'whatever it is' } as const;
    await expect(restoreWith(licenceFile, 0, phrase)).rejects.toEqual(failure('wrong-key'));
  });

  it('does not open for another recipient who puts his own key into it', async () => {
    const eve = recipientKey('eve');
    const { licence } = await grant();
    const { recipient } = licence.body;
    if (recipient.kind !== 'x25519') throw new Error('another kind was granted');
    const body = { ...licence.body, recipient: { ...recipient, publicKey: eve.publicKey } };
    const forged = encodeDocument({ ...licence, body });
    const secret = { kind: 'x25519', key: eve } as const;
    await expect(restoreWith(forged, 0, secret)).rejects.toEqual(failure('signature-invalid'));
  });

  it('never repeats id, ephemeral key or nonce', async () => {
    const bodies = [(await grant()).licence.body, (await grant()).licence.body];
    expect(bodies[0].licenceId).not.toBe(bodies[1].licenceId);
    expect(bodies[0].recipient).not.toEqual(bodies[1].recipient);
    expect(bodies[0].wrappedKeys).not.toBe(bodies[1].wrappedKeys);
  });
});

describe('a licence for single images', () => {
  it('opens those and no others', async () => {
    const { licence, licenceFile } = await grant({ scope: { kind: 'images', imageIds: [ids[1], ids[1]] } });
    expect(licence.body.scope).toEqual({ kind: 'images', imageIds: [ids[1]] });
    await restoreWith(licenceFile, 1);
    await expect(restoreWith(licenceFile, 0)).rejects.toEqual(failure('licence-invalid'));
  });

  it('keeps keys and images together, whatever the order they were named in', async () => {
    for (const imageIds of [ids, [...ids].reverse()]) {
      const { licenceFile } = await grant({ scope: { kind: 'images', imageIds } });
      for (const index of [0, 1]) await restoreWith(licenceFile, index);
    }
  });

  it('is not granted for no image', async () => {
    await expect(grant({ scope: { kind: 'images', imageIds: [] } })).rejects.toEqual(
      failure('settings-invalid'),
    );
  });
});

describe('a licence with a passphrase', () => {
  const passphrase = 'told over the telephone';
  let licenceFile: Buffer;
  beforeAll(async () => {
    ({ licenceFile } = await grant({ recipient: { kind: 'passphrase', passphrase } }));
  });

  it('opens with it', async () => {
    await restoreWith(licenceFile, 0, { kind: 'passphrase', passphrase });
  });

  it('does not open with another one or with a key', async () => {
    const other = { kind: 'passphrase', passphrase: `${passphrase}!` } as const;
    await expect(restoreWith(licenceFile, 0, other)).rejects.toEqual(failure('wrong-key'));
    await expect(restoreWith(licenceFile, 0)).rejects.toEqual(failure('wrong-key'));
  });

  it('is not granted with a short one', async () => {
    const short = { kind: 'passphrase', passphrase: '1234' } as const;
    await expect(grant({ recipient: short })).rejects.toEqual(failure('key-unusable'));
  });
});

describe('the terms of a licence', () => {
  it('include an end, from whose instant on it no longer opens', async () => {
    const { licenceFile } = await grant({ expires: now });
    await expect(restoreWith(licenceFile, 0)).rejects.toEqual(failure('licence-expired'));
    const later = await grant({ expires: new Date(now.getTime() + 1) });
    await restoreWith(later.licenceFile, 0);
  });

  it('cannot be changed: not without a signature, not with a stranger’s, not even with the owner’s alone', async () => {
    const { licence } = await grant({ expires: now });
    const body = { ...licence.body, expires: null };
    const unsigned = encodeDocument({ ...licence, body });
    await expect(restoreWith(unsigned, 0)).rejects.toEqual(failure('signature-invalid'));
    const stranger = sampleOwner('stranger');
    const strangers = { ...body, owner: { name: owner.name, publicKey: stranger.publicKey } };
    const resigned = encodeDocument(signDocument(licenceSchema, formats.licence, strangers, stranger));
    await expect(restoreWith(resigned, 0)).rejects.toEqual(failure('signer-unknown'));
    // The terms are sealed together with the keys.
    const byOwner = encodeDocument(signDocument(licenceSchema, formats.licence, body, owner));
    await expect(restoreWith(byOwner, 0)).rejects.toEqual(failure('wrong-key'));
  });

  it('are only believed from a trusted owner', async () => {
    const { licenceFile } = await grant({ owner: sampleOwner('stranger') });
    await expect(restoreWith(licenceFile, 0)).rejects.toEqual(failure('signer-unknown'));
  });
});

describe('readLicence', () => {
  it('refuses other files with a reason', async () => {
    const { licence } = await grant();
    const newer = encodeDocument({ ...licence, format: 'medlocker-licence/2' });
    for (const bytes of [Buffer.from('x'), images[0].certificateFile, newer]) {
      expect(() => readLicence(bytes, 'l')).toThrow(failure('licence-invalid'));
    }
  });

  it('refuses to grant to a key nothing can be agreed with', async () => {
    const recipient = { kind: 'x25519', publicKey: '00'.repeat(32) } as const;
    await expect(grant({ recipient })).rejects.toEqual(failure('key-unusable'));
  });
});

describe('the owner’s own access', () => {
  it('opens every image of every set', () => {
    const access = ownerAccess(owner);
    expect(access.residualKey(sampleSetId, ids[0])).toHaveLength(32);
    expect(access.residualKey('ab'.repeat(16), ids[0])).not.toEqual(access.residualKey(sampleSetId, ids[0]));
  });
});
