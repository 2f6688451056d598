import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isVerified } from '../../shared/verification.ts';
import type { Raster } from '../imaging/raster.ts';
import { pixelHash, sha256Hex } from './digest.ts';
import { readImageCertificate } from './image-certificate.ts';
import { openOwnerKey } from './owner-key.ts';
import { openRecipientKey } from './recipient-key.ts';
import { openLicence, ownerAccess } from './restore-access.ts';
import type { RestoreAccess } from './restore-access.ts';
import { restoreImage } from './restore.ts';
import { proveInclusion, readSetManifest } from './set-manifest.ts';
import { readTrustedOwner } from './trust.ts';
import { verifySet } from './verify-set.ts';

const imageSchema = z.object({
  path: z.string(),
  width: z.int(),
  height: z.int(),
  channels: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
  bitDepth: z.union([z.literal(8), z.literal(16)]),
  originalSamples: z.string(),
  protectedSamples: z.string(),
  zone: z.string(),
  certificate: z.string(),
  residual: z.string(),
});
const keySchema = z.object({
  publicKey: z.string(),
  keyId: z.string(),
  publicKeyFile: z.string(),
  secretKeyFile: z.string(),
});
const vectors = z
  .object({
    setId: z.string(),
    setKey: z.string(),
    passphrases: z.object({ owner: z.string(), recipient: z.string(), licence: z.string() }),
    keys: z.object({ owner: keySchema, recipient: keySchema }),
    images: z.array(imageSchema),
    manifest: z.string(),
    inclusion: z.array(z.object({ path: z.string(), proof: z.unknown() })),
    licences: z.object({ setForKey: z.string(), imagesForKey: z.string(), setForPassphrase: z.string() }),
  })
  .parse(read('vectors/formats-1.json'));
const python = z
  .object({
    passphrase: z.string(),
    setId: z.string(),
    images: z.array(imageSchema),
    manifest: z.string(),
    licence: z.string(),
    publicKeyFile: z.string(),
    secretKeyFile: z.string(),
  })
  .parse(read('vectors/formats-1-python.json'));
const seenByPython = z
  .object({
    versions: z.record(z.string(), z.string()),
    vectorsSha256: z.string(),
    setKeyFits: z.literal(true),
    ownerKeyId: z.string(),
    images: z.record(
      z.string(),
      z.array(
        z.object({
          path: z.string(),
          imageId: z.string(),
          clearanceAsStated: z.literal(true),
          restored: z.string().nullable(),
        }),
      ),
    ),
    merkleRoot: z.string(),
  })
  .parse(read('oracles/certificate_formats.json'));

const now = new Date('2026-06-01T00:00:00.000Z');
const bytes = (text: string) => Buffer.from(text, 'utf8');
const hex = (text: string) => Buffer.from(text, 'hex');

function read(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../test/${path}`, import.meta.url), 'utf8'));
}

function rasterOf(image: z.infer<typeof imageSchema>, samples: string): Raster {
  const { width, height, channels, bitDepth } = image;
  const raw = hex(samples);
  if (bitDepth === 8) return { width, height, channels, bitDepth, data: Uint8Array.from(raw) };
  const data = Uint16Array.from({ length: raw.length / 2 }, (_, index) => raw.readUInt16LE(index * 2));
  return { width, height, channels, bitDepth, data };
}

function restorable(
  image: z.infer<typeof imageSchema>,
  access: RestoreAccess,
  publicKeyFile: string,
): Raster {
  return restoreImage({
    protected: rasterOf(image, image.protectedSamples),
    certificate: bytes(image.certificate),
    residual: hex(image.residual),
    access,
    trustedOwners: [readTrustedOwner(bytes(publicKeyFile), 'owner')],
    now,
  }).original;
}

function verify(set: Pick<typeof python, 'images' | 'manifest' | 'publicKeyFile'>) {
  const byPath = new Map(set.images.map((image) => [image.path, image]));
  return verifySet({
    manifest: bytes(set.manifest),
    found: [...byPath.keys()],
    load: (path) => {
      const image = byPath.get(path);
      if (image === undefined) throw new Error(`no vector for ${path}`);
      const data = Uint8Array.from(hex(image.zone));
      const { width, height } = image;
      return Promise.resolve({
        certificate: bytes(image.certificate),
        residual: hex(image.residual),
        protected: rasterOf(image, image.protectedSamples),
        zone: { mask: { width, height, data }, sha256: sha256Hex(`${width} ${height}\n`, data) },
      });
    },
    trustedOwners: [readTrustedOwner(bytes(set.publicKeyFile), 'owner')],
  });
}

describe('the published vectors', () => {
  const { owner: ownerFiles, recipient: recipientFiles } = vectors.keys;

  it('verify as a set', async () => {
    const report = await verify({ ...vectors, publicKeyFile: ownerFiles.publicKeyFile });
    expect(report.images.flatMap(({ checks }) => checks.filter(({ status }) => status !== 'valid'))).toEqual(
      [],
    );
    expect(isVerified(report)).toBe(true);
  });

  it('restore with the owner’s key', async () => {
    const owner = await openOwnerKey(bytes(ownerFiles.secretKeyFile), vectors.passphrases.owner);
    expect(owner.setKey(vectors.setId).toString('hex')).toBe(vectors.setKey);
    for (const image of vectors.images) {
      const original = restorable(image, ownerAccess(owner), ownerFiles.publicKeyFile);
      expect(original).toEqual(rasterOf(image, image.originalSamples));
    }
  });

  it('restore with each licence exactly what it covers', async () => {
    // The passphrase has umlauts: typed decomposed (as on a Mac) it is the same one.
    const decomposed = vectors.passphrases.recipient.normalize('NFD');
    expect(decomposed).not.toBe(vectors.passphrases.recipient);
    const key = await openRecipientKey(bytes(recipientFiles.secretKeyFile), decomposed);
    const trustedOwners = [readTrustedOwner(bytes(ownerFiles.publicKeyFile), 'owner')];
    const open = (licence: string, secret: Parameters<typeof openLicence>[0]['secret']) =>
      openLicence({ licence: bytes(licence), secret, trustedOwners, now });
    const accesses = {
      setForKey: await open(vectors.licences.setForKey, { kind: 'x25519', key }),
      imagesForKey: await open(vectors.licences.imagesForKey, { kind: 'x25519', key }),
      setForPassphrase: await open(vectors.licences.setForPassphrase, {
        kind: 'passphrase',
        passphrase: vectors.passphrases.licence,
      }),
    };
    for (const [name, access] of Object.entries(accesses)) {
      for (const [index, image] of vectors.images.entries()) {
        const covered = name !== 'imagesForKey' || index === 1 || index === 3;
        const restore = () => restorable(image, access, ownerFiles.publicKeyFile);
        if (covered) expect(restore()).toEqual(rasterOf(image, image.originalSamples));
        else expect(restore).toThrow(expect.objectContaining({ code: 'licence-invalid' }));
      }
    }
  });

  it('prove the inclusion of each image as published', () => {
    const { body } = readSetManifest(bytes(vectors.manifest), 'm').document;
    for (const { path, proof } of vectors.inclusion) expect(proveInclusion(body, path)).toEqual(proof);
  });

  it('were verified and restored by the independent Python program with the same results', () => {
    const file = readFileSync(new URL('../../../test/vectors/formats-1.json', import.meta.url));
    expect(sha256Hex(file)).toBe(seenByPython.vectorsSha256);
    expect(seenByPython.ownerKeyId).toBe(ownerFiles.keyId);
    expect(seenByPython.merkleRoot).toBe(
      readSetManifest(bytes(vectors.manifest), 'm').document.body.merkleRoot,
    );
    const expected = vectors.images.map((image) => pixelHash(rasterOf(image, image.originalSamples)));
    for (const name of ['owner', 'setForKey', 'setForPassphrase']) {
      expect(seenByPython.images[name].map(({ restored }) => restored)).toEqual(expected);
    }
    const some = [null, expected[1], null, expected[3]];
    expect(seenByPython.images['imagesForKey'].map(({ restored }) => restored)).toEqual(some);
  });
});

describe('files written by the independent Python program', () => {
  it('verify as a set', async () => {
    const report = await verify(python);
    expect(report.images.flatMap(({ checks }) => checks.filter(({ status }) => status !== 'valid'))).toEqual(
      [],
    );
    expect(isVerified(report)).toBe(true);
    const { quality } = readImageCertificate(bytes(python.images[0].certificate), 'c').document.body;
    expect(quality).toEqual({ psnr: 1e-7, ssim: 0.1 + 0.2, fieldOfViewFraction: 5e-324 });
  });

  it('restore with its owner key and with its licence', async () => {
    const owner = await openOwnerKey(bytes(python.secretKeyFile), python.passphrase);
    const key = await openRecipientKey(
      bytes(vectors.keys.recipient.secretKeyFile),
      vectors.passphrases.recipient,
    );
    const licensed = await openLicence({
      licence: bytes(python.licence),
      secret: { kind: 'x25519', key },
      trustedOwners: [readTrustedOwner(bytes(python.publicKeyFile), 'owner')],
      now,
    });
    for (const access of [ownerAccess(owner), licensed]) {
      for (const image of python.images) {
        expect(restorable(image, access, python.publicKeyFile)).toEqual(
          rasterOf(image, image.originalSamples),
        );
      }
    }
  });
});
