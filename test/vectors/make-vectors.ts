/**
 * Writes test/vectors/formats-1.json: `node test/vectors/make-vectors.ts`. Keys and randomness are fixed and public; they
 * must never protect anything. The committed file only changes together with the formats (docs/formats.md).
 */
import { writeFileSync } from 'node:fs';
import { sampleBytes } from '../../src/ml/certificate/digest.ts';
import { createImageCertificate } from '../../src/ml/certificate/image-certificate.ts';
import { deriveResidualKey } from '../../src/ml/certificate/key-derivation.ts';
import { grantLicence } from '../../src/ml/certificate/licence.ts';
import { createOwnerKey, openOwnerKey } from '../../src/ml/certificate/owner-key.ts';
import { createRecipientKey } from '../../src/ml/certificate/recipient-key.ts';
import {
  deterministicBytes,
  sampleCreated,
  sampleInput,
  sampleRaster,
  sampleSetId,
} from '../../src/ml/certificate/sample-certificate.fixture.ts';
import { createSetManifest, proveInclusion } from '../../src/ml/certificate/set-manifest.ts';

const passphrases = {
  owner: 'correct horse battery staple',
  recipient: 'Füße überall 5',
  licence: 'only for this licence',
};
const expires = new Date('2027-01-01T00:00:00.000Z');
const shapes = [
  ['grey8.png', 1, 8],
  ['rgb8.png', 3, 8],
  ['sub/grey-alpha16.tif', 2, 16],
  ['sub/rgba16.tif', 4, 16],
] as const;

const ownerKey = await createOwnerKey({
  name: 'Vector owner',
  created: sampleCreated,
  passphrase: passphrases.owner,
  random: deterministicBytes('vector owner'),
});
const recipientKey = await createRecipientKey({
  name: 'Vector recipient',
  created: sampleCreated,
  passphrase: passphrases.recipient,
  random: deterministicBytes('vector recipient'),
});
const owner = await openOwnerKey(ownerKey.secretKeyFile, passphrases.owner);

const images = shapes.map(([path, channels, depth]) => {
  const input = { ...sampleInput(sampleRaster(channels, depth), owner), path };
  const created = createImageCertificate({ ...input, format: path.endsWith('.tif') ? 'tiff' : 'png' });
  const { imageId, image } = created.certificate.body;
  const setKey = owner.setKey(sampleSetId);
  return {
    path,
    imageId,
    certificateSha256: created.certificateSha256,
    width: image.width,
    height: image.height,
    channels,
    bitDepth: depth,
    originalPixelsSha256: image.originalPixelsSha256,
    protectedPixelsSha256: image.protectedPixelsSha256,
    residualKey: deriveResidualKey(setKey, imageId).toString('hex'),
    originalSamples: sampleBytes(input.original).toString('hex'),
    protectedSamples: sampleBytes(input.protected).toString('hex'),
    zone: Buffer.from(input.zone.mask.data).toString('hex'),
    certificate: created.certificateFile.toString('utf8'),
    residual: created.residual.toString('hex'),
  };
});

const { manifest, manifestFile } = createSetManifest({
  owner,
  setId: sampleSetId,
  created: sampleCreated,
  toolVersion: '0.1.0',
  licensee: 'Vector recipient',
  terms: 'Research only.',
  entries: images.map(({ path, imageId, certificateSha256 }) => ({ path, imageId, certificateSha256 })).reverse(),
  counts: { noRoom: 1, failed: 0 },
});

const common = {
  owner,
  setId: sampleSetId,
  licensee: 'Vector recipient',
  terms: 'Research only.',
  created: sampleCreated,
  expires,
};
const x25519 = { kind: 'x25519', publicKey: recipientKey.publicKey } as const;
const licences = {
  setForKey: await grantLicence({
    ...common,
    scope: { kind: 'set' },
    recipient: x25519,
    random: deterministicBytes('licence 1'),
  }),
  imagesForKey: await grantLicence({
    ...common,
    scope: { kind: 'images', imageIds: [images[1].imageId, images[3].imageId] },
    recipient: x25519,
    random: deterministicBytes('licence 2'),
  }),
  setForPassphrase: await grantLicence({
    ...common,
    scope: { kind: 'set' },
    recipient: { kind: 'passphrase', passphrase: passphrases.licence },
    random: deterministicBytes('licence 3'),
  }),
};

const vectors = {
  about: 'Test vectors of docs/formats.md. JSON files as text, binary parts in hex. The keys are public: never use them.',
  setId: sampleSetId,
  setKey: owner.setKey(sampleSetId).toString('hex'),
  expires: expires.toISOString(),
  passphrases,
  keys: {
    owner: describe(ownerKey),
    recipient: describe(recipientKey),
  },
  images,
  manifest: manifestFile.toString('utf8'),
  inclusion: images.map(({ path }) => ({ path, proof: proveInclusion(manifest.body, path) })),
  licences: Object.fromEntries(
    Object.entries(licences).map(([name, { licenceFile }]) => [name, licenceFile.toString('utf8')]),
  ),
};

writeFileSync(new URL('formats-1.json', import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);

function describe(key: Awaited<ReturnType<typeof createOwnerKey>>) {
  const { publicKey, keyId, publicKeyFile, secretKeyFile } = key;
  return {
    publicKey,
    keyId,
    publicKeyFile: publicKeyFile.toString('utf8'),
    secretKeyFile: secretKeyFile.toString('utf8'),
  };
}
