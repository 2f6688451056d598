import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/failure.ts';
import { isVerified } from '../../shared/verification.ts';
import { withSamples } from '../imaging/raster.ts';
import { createImageCertificate } from './image-certificate.ts';
import { grantLicence } from './licence.ts';
import { openLicence, ownerAccess } from './restore-access.ts';
import { restoreImage } from './restore.ts';
import { encodePkcs8 } from './key-encoding.ts';
import { RecipientKey } from './recipient-key.ts';
import {
  deterministicBytes,
  sampleCreated,
  sampleInput,
  sampleOwner,
  sampleSetId,
} from './sample-certificate.fixture.ts';
import { createSetManifest } from './set-manifest.ts';
import { verifyImage } from './verify-image.ts';
import { verifySet } from './verify-set.ts';

const owner = sampleOwner();
const input = sampleInput(undefined, owner);
const created = createImageCertificate(input);
const now = new Date('2026-02-01T00:00:00.000Z');
const genuine = {
  path: input.path,
  certificate: created.certificateFile,
  residual: created.residual,
  protected: input.protected,
  trustedOwners: [owner],
};
const access = ownerAccess(owner);

/** Every copy of the bytes with exactly one bit changed; with `only`, that bit of each byte. */
function* singleBitFlips(bytes: Uint8Array, only?: number): Generator<Buffer> {
  for (let bit = only ?? 0; bit < bytes.length * 8; bit += only === undefined ? 1 : 8) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] ^= 1 << (bit & 7);
    yield copy;
  }
}

/** Number of flips, and of those among them that verification or restoration let pass or answered with a crash. */
function countUndetected(changed: Iterable<Partial<typeof genuine>>) {
  let flips = 0;
  let verified = 0;
  let notInvalid = 0;
  let restored = 0;
  for (const change of changed) {
    flips++;
    const files = { ...genuine, ...change };
    const report = verifyImage(files);
    if (isVerified(report)) verified++;
    if (report.integrity.status !== 'invalid' && report.signature.status !== 'invalid') notInvalid++;
    try {
      restoreImage({ ...files, access, now });
      restored++;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
  return { flips, verified, notInvalid, restored };
}

function* map<T, R>(items: Iterable<T>, change: (item: T) => R): Generator<R> {
  for (const item of items) yield change(item);
}

describe('every single changed bit is noticed, by verification and by restoration', () => {
  it('the untouched files pass (so that the counts below mean something)', () => {
    expect(countUndetected([{}])).toEqual({ flips: 1, verified: 1, notInvalid: 1, restored: 1 });
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('in the certificate: bit %i of each byte', (bit) => {
    const changed = map(singleBitFlips(genuine.certificate, bit), (certificate) => ({ certificate }));
    const flips = genuine.certificate.length;
    expect(countUndetected(changed)).toEqual({ flips, verified: 0, notInvalid: 0, restored: 0 });
  });

  it('in the residual', () => {
    const changed = map(singleBitFlips(genuine.residual), (residual) => ({ residual }));
    const flips = genuine.residual.length * 8;
    expect(countUndetected(changed)).toEqual({ flips, verified: 0, notInvalid: 0, restored: 0 });
  });

  it('in the protected pixels', () => {
    const { data } = genuine.protected;
    const changed = map(singleBitFlips(new Uint8Array(data)), (bytes) => ({
      protected: withSamples(genuine.protected, Uint8Array.from(bytes)),
    }));
    expect(countUndetected(changed)).toEqual({
      flips: data.length * 8,
      verified: 0,
      notInvalid: 0,
      restored: 0,
    });
  });

  it('in the manifest', async () => {
    const { manifestFile } = createSetManifest({
      owner,
      setId: sampleSetId,
      created: sampleCreated,
      toolVersion: '0.1.0',
      licensee: null,
      terms: null,
      entries: [
        {
          path: input.path,
          imageId: created.certificate.body.imageId,
          certificateSha256: created.certificateSha256,
        },
      ],
      counts: { noRoom: 0, failed: 0 },
    });
    const verify = (manifest: Buffer) =>
      verifySet({
        manifest,
        found: [input.path],
        load: () => Promise.resolve(genuine),
        trustedOwners: [owner],
      });
    expect(isVerified(await verify(manifestFile))).toBe(true);
    let notInvalid = 0;
    for (const manifest of singleBitFlips(manifestFile)) {
      const { integrity, signature } = await verify(manifest);
      if (integrity.status !== 'invalid' && signature.status !== 'invalid') notInvalid++;
    }
    expect(notInvalid).toBe(0);
  });

  it('in a licence', async () => {
    const key = new RecipientKey('r', encodePkcs8('x25519', deterministicBytes('recipient')(32)));
    const { licenceFile } = await grantLicence({
      owner,
      setId: sampleSetId,
      scope: { kind: 'set' },
      recipient: { kind: 'x25519', publicKey: key.publicKey },
      licensee: 'r',
      terms: '',
      created: sampleCreated,
      expires: null,
    });
    const open = (licence: Buffer) =>
      openLicence({ licence, secret: { kind: 'x25519', key }, trustedOwners: [owner], now });
    await expect(open(licenceFile)).resolves.toBeDefined();
    let opened = 0;
    for (const licence of singleBitFlips(licenceFile)) {
      await open(licence).then(
        () => opened++,
        (error: unknown) => {
          if (!(error instanceof Failure)) throw error;
        },
      );
    }
    expect(opened).toBe(0);
  });
});

describe('truncation and garbage', () => {
  it('are refused at every length, without a crash', () => {
    const cut = (name: 'certificate' | 'residual') =>
      map(Array(genuine[name].length).keys(), (length) => ({ [name]: genuine[name].subarray(0, length) }));
    for (const name of ['certificate', 'residual'] as const) {
      const counts = countUndetected(cut(name));
      expect(counts).toMatchObject({ verified: 0, notInvalid: 0, restored: 0 });
    }
  });

  it('a longer residual or certificate is refused too', () => {
    const longer = (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([0])]);
    const changed = [{ certificate: longer(genuine.certificate) }, { residual: longer(genuine.residual) }];
    expect(countUndetected(changed)).toEqual({ flips: 2, verified: 0, notInvalid: 0, restored: 0 });
  });
});
