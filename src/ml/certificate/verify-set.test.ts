import { describe, expect, it } from 'vitest';
import { isVerified } from '../../shared/verification.ts';
import { createImageCertificate } from './image-certificate.ts';
import type { CreatedCertificate } from './image-certificate.ts';
import {
  sampleCreated,
  sampleInput,
  sampleOwner,
  sampleRaster,
  sampleSetId,
} from './sample-certificate.fixture.ts';
import { createSetManifest } from './set-manifest.ts';
import { verifySet } from './verify-set.ts';
import type { ImageFiles, VerifySetInput } from './verify-set.ts';

const owner = sampleOwner();
const created = new Map(
  ([1, 2, 3] as const).map((channels) => {
    const path = `${channels}.png`;
    const input = { ...sampleInput(sampleRaster(channels, 8), owner), path };
    return [path, { ...createImageCertificate(input), protected: input.protected }];
  }),
);
const entriesOf = (all: Iterable<readonly [string, CreatedCertificate]>) =>
  [...all].map(([path, { certificate, certificateSha256 }]) => ({
    path,
    imageId: certificate.body.imageId,
    certificateSha256,
  }));
const manifestOf = (entries = entriesOf(created), signer = owner, setId = sampleSetId) =>
  createSetManifest({
    owner: signer,
    setId,
    created: sampleCreated,
    toolVersion: '0.1.0',
    licensee: null,
    terms: null,
    entries,
    counts: { noRoom: 0, failed: 0 },
  }).manifestFile;

function filesOf(path: string): ImageFiles {
  const files = created.get(path);
  if (files === undefined) return { certificate: null, protected: null, residual: null };
  return { certificate: files.certificateFile, protected: files.protected, residual: files.residual };
}

const verify = (change: Partial<VerifySetInput> = {}) =>
  verifySet({
    manifest: manifestOf(),
    found: [...created.keys()],
    load: (path) => Promise.resolve(filesOf(path)),
    trustedOwners: [owner],
    ...change,
  });
const line = ({ integrity }: Awaited<ReturnType<typeof verify>>) => `${integrity.status} ${integrity.code}`;

describe('verifySet', () => {
  it('says valid three times for a genuine set', async () => {
    const report = await verify();
    expect(isVerified(report)).toBe(true);
    expect(report.counts).toEqual({ listed: 3, valid: 3, notValid: 0 });
    expect(report).toMatchObject({ setId: sampleSetId, signer: owner.keyId, missing: [], extra: [] });
  });

  it('reports images that are missing and images nobody listed', async () => {
    const missing = await verify({
      found: ['1.png', '3.png'],
      load: (path) => Promise.resolve(path === '2.png' ? filesOf('nothing') : filesOf(path)),
    });
    expect(missing.missing).toEqual(['2.png']);
    expect(missing.integrity.status).toBe('invalid');
    const extra = await verify({ found: [...created.keys(), 'new.png'] });
    expect(extra.extra).toEqual(['new.png']);
    expect(line(extra)).toBe('invalid images-extra');
  });

  it('notices exchanged images, certificates of other sets and removed residuals', async () => {
    const exchanged = await verify({
      load: (path) => Promise.resolve(filesOf(path === '1.png' ? '2.png' : path)),
    });
    expect(line(exchanged)).toBe('invalid listing-differs');
    expect(line(await verify({ manifest: manifestOf(undefined, owner, 'ab'.repeat(16)) }))).toBe(
      'invalid listing-differs',
    );
    const bare = (path: string) => Promise.resolve({ ...filesOf(path), residual: null });
    expect(line(await verify({ load: bare }))).toBe('unknown residual-missing');
    expect(line(await verify({ load: bare, residualExpected: false }))).toBe('valid intact');
  });

  it('notices a certificate the owner issued anew for the same image after the manifest', async () => {
    const input = { ...sampleInput(sampleRaster(1, 8), owner), path: '1.png' };
    const again = createImageCertificate({
      ...input,
      rights: { holder: 'x', text: 'Do what you like.', terms: '' },
    });
    const load = (path: string) =>
      Promise.resolve(
        path === '1.png' ? { ...filesOf(path), certificate: again.certificateFile } : filesOf(path),
      );
    const report = await verify({ load });
    expect(line(report)).toBe('invalid listing-differs');
    expect(report.images[0].signature.status).toBe('valid');
  });

  it('notices a manifest by somebody else over genuine certificates', async () => {
    const impostor = sampleOwner('impostor');
    const report = await verify({ manifest: manifestOf(undefined, impostor) });
    expect(report.trust).toMatchObject({ status: 'unknown', code: 'signer-unknown' });
    expect(line(report)).toBe('invalid listing-differs');
  });

  it('never calls an empty set valid', async () => {
    expect(line(await verify({ manifest: manifestOf([]), found: [] }))).toBe('unknown set-empty');
  });

  it('says invalid for a manifest that cannot be read, and looks at no image', async () => {
    const report = await verify({
      manifest: Buffer.from('nonsense'),
      load: () => Promise.reject(new Error('no')),
    });
    expect(report.integrity).toMatchObject({ status: 'invalid', code: 'certificate-unreadable' });
    expect([report.signature.status, report.trust.status]).toEqual(['unknown', 'unknown']);
  });

  it('gives the same report with several lanes and never holds more images than lanes', async () => {
    let open = 0;
    let most = 0;
    const load = async (path: string) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open--;
      return filesOf(path);
    };
    const done: number[] = [];
    const report = await verify({ load, lanes: 2, onImage: (_report, count) => done.push(count) });
    expect(report).toEqual(await verify());
    expect(most).toBe(2);
    expect(done).toEqual([1, 2, 3]);
  });

  it('stops when told to', async () => {
    const stop = new AbortController();
    const load = (path: string) => {
      stop.abort(new Error('enough'));
      return Promise.resolve(filesOf(path));
    };
    await expect(verify({ load, signal: stop.signal })).rejects.toThrow('enough');
  });
});
