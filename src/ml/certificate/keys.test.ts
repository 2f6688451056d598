import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalFile } from './canonical-json.ts';
import { encodePkcs8, keyId, shortKeyId } from './key-encoding.ts';
import { encodePublicKeyFile, readPublicKeyFile, readSecretKeyFile } from './key-file.ts';
import { changeOwnerPassphrase, createOwnerKey, openOwnerKey, OwnerKey } from './owner-key.ts';
import type { CreatedKey } from './key-pair.ts';
import { createRecipientKey, openRecipientKey, RecipientKey } from './recipient-key.ts';
import { sampleCreated, sampleSetId } from './sample-certificate.fixture.ts';
import { readTrustedOwner } from './trust.ts';

const hex = (text: string) => Buffer.from(text, 'hex');
const passphrase = 'four words and more';
const label = { name: 'Clinic', created: sampleCreated, passphrase };
const failure = (code: string): unknown => expect.objectContaining({ name: 'Failure', code });

describe('OwnerKey', () => {
  it('signs as RFC 8032 says (test 1)', () => {
    const seed = hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
    const key = new OwnerKey('', Buffer.concat([encodePkcs8('ed25519', seed), Buffer.alloc(32)]));
    expect(key.publicKey).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    expect(key.sign(Buffer.alloc(0)).toString('hex')).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
  });

  it('derives another key for every set, and none after it was wiped', () => {
    const key = new OwnerKey(
      '',
      Buffer.concat([encodePkcs8('ed25519', Buffer.alloc(32, 1)), Buffer.alloc(32, 2)]),
    );
    const first = key.setKey(sampleSetId);
    expect(first.equals(key.setKey(sampleSetId))).toBe(true);
    expect(first.equals(key.setKey('ff'.repeat(16)))).toBe(false);
    key.wipe();
    expect(() => key.setKey(sampleSetId)).toThrow();
    expect(() => key.sign(Buffer.alloc(0))).toThrow();
  });
});

describe('RecipientKey', () => {
  it('agrees as RFC 7748 says (section 6.1)', () => {
    const keyOf = (raw: string) => new RecipientKey('', encodePkcs8('x25519', hex(raw)));
    const alice = keyOf('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = keyOf('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    expect(alice.publicKey).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(bob.publicKey).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    expect(alice.agree(bob.publicKey).toString('hex')).toBe(shared);
    expect(bob.agree(alice.publicKey).toString('hex')).toBe(shared);
  });

  it('refuses public keys of small order', () => {
    const key = new RecipientKey('', encodePkcs8('x25519', Buffer.alloc(32, 5)));
    expect(() => key.agree('00'.repeat(32))).toThrow();
    expect(() => key.agree(`01${'00'.repeat(31)}`)).toThrow();
  });
});

describe('key files', () => {
  // scrypt is slow on purpose: the keys are made once.
  let owner: CreatedKey;
  let second: CreatedKey;
  let recipient: CreatedKey;
  beforeAll(async () => {
    owner = await createOwnerKey(label);
    second = await createOwnerKey(label);
    recipient = await createRecipientKey(label);
  });

  it('open with their passphrase and give the same key', async () => {
    const key = await openOwnerKey(owner.secretKeyFile, passphrase);
    expect(key).toMatchObject({ name: 'Clinic', publicKey: owner.publicKey, keyId: owner.keyId });
    const { publicKey, keyId: id } = key;
    expect(readTrustedOwner(owner.publicKeyFile, 'k')).toEqual({ name: 'Clinic', publicKey, keyId: id });
    // As bytes, which stay the caller's.
    const bytes = Buffer.from(passphrase);
    expect((await openRecipientKey(recipient.secretKeyFile, bytes)).publicKey).toBe(recipient.publicKey);
    expect(bytes.toString()).toBe(passphrase);
  });

  it('never hold the same secret twice, not even for the same passphrase', () => {
    expect(owner.publicKey).not.toBe(second.publicKey);
    const parts = [owner, second].map(({ secretKeyFile }) => readSecretKeyFile(secretKeyFile, 'k'));
    expect(parts[0].nonce).not.toBe(parts[1].nonce);
    expect(parts[0].scrypt.salt).not.toBe(parts[1].scrypt.salt);
  });

  it('do not open with another passphrase, nor with an empty one', async () => {
    const { secretKeyFile } = owner;
    await expect(openOwnerKey(secretKeyFile, 'four words and mor')).rejects.toEqual(failure('wrong-key'));
    await expect(openOwnerKey(secretKeyFile, '')).rejects.toEqual(failure('key-unusable'));
  });

  it('refuse a passphrase that is too short to protect them', async () => {
    await expect(createOwnerKey({ ...label, passphrase: 'short' })).rejects.toEqual(failure('key-unusable'));
  });

  it('get another passphrase without changing the key', async () => {
    const changed = await changeOwnerPassphrase(owner.secretKeyFile, passphrase, 'something new');
    expect((await openOwnerKey(changed, 'something new')).publicKey).toBe(owner.publicKey);
    await expect(openOwnerKey(changed, passphrase)).rejects.toEqual(failure('wrong-key'));
  });

  it('notice a change in any of their fields', async () => {
    const file = readSecretKeyFile(owner.secretKeyFile, 'k');
    const flip = (text: string) => `${text.startsWith('0') ? '1' : '0'}${text.slice(1)}`;
    const changes = [
      { name: 'Other' },
      { created: '2027-01-02T03:04:05.678Z' },
      { publicKey: flip(file.publicKey) },
      { nonce: flip(file.nonce) },
      { ciphertext: flip(file.ciphertext) },
      { scrypt: { ...file.scrypt, salt: flip(file.scrypt.salt) } },
    ];
    for (const change of changes) {
      const altered = canonicalFile({ ...file, ...change });
      await expect(openOwnerKey(altered, passphrase)).rejects.toEqual(failure('wrong-key'));
    }
  });

  it('are refused with a reason when they are of another kind, cost or format', async () => {
    const unusable = failure('key-unusable');
    await expect(openRecipientKey(owner.secretKeyFile, passphrase)).rejects.toEqual(unusable);
    expect(() => readPublicKeyFile(owner.publicKeyFile, 'recipient', 'k')).toThrow(unusable);
    const file = readSecretKeyFile(owner.secretKeyFile, 'k');
    for (const logN of [16, 21, 1000]) {
      const altered = canonicalFile({ ...file, scrypt: { ...file.scrypt, logN } });
      await expect(openOwnerKey(altered, passphrase)).rejects.toEqual(unusable);
    }
    await expect(openOwnerKey(owner.publicKeyFile, passphrase)).rejects.toEqual(unusable);
    await expect(openOwnerKey(Buffer.alloc(0), passphrase)).rejects.toEqual(unusable);
  });
});

describe('key id', () => {
  it('is the SHA-256 of the raw key, shortened for people', () => {
    const publicKey = '00'.repeat(32);
    expect(keyId(publicKey)).toBe('66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925');
    expect(shortKeyId(publicKey)).toBe('6668-7aad-f862-bd77');
    expect(encodePublicKeyFile({ kind: 'owner', name: 'x', publicKey }).toString()).toBe(
      `{"format":"medlocker-public-key/1","kind":"owner","name":"x","publicKey":"${publicKey}"}\n`,
    );
  });
});
