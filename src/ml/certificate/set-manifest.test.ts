import { describe, expect, it } from 'vitest';
import type { ManifestEntry } from '../../shared/certificate.ts';
import { sampleCreated, sampleOwner, sampleSetId } from './sample-certificate.fixture.ts';
import {
  createSetManifest,
  manifestDefect,
  proveInclusion,
  readSetManifest,
  verifyInclusion,
} from './set-manifest.ts';
import { encodeDocument, hasValidSignature } from './signed-document.ts';

const owner = sampleOwner();
const entry = (path: string): ManifestEntry => ({
  path,
  imageId: Buffer.from(path).toString('hex').padEnd(32, '0').slice(0, 32),
  certificateSha256: Buffer.from(path).toString('hex').padEnd(64, '0').slice(0, 64),
});
const paths = ['z.png', 'a/b.png', 'a.png', 'ä.png', 'a/B.png', 'a-b.png', '\u{1f441}.png', '\ufb33.png'];
const make = (entries: readonly ManifestEntry[]) =>
  createSetManifest({
    owner,
    setId: sampleSetId,
    created: sampleCreated,
    toolVersion: '0.1.0',
    licensee: null,
    terms: null,
    entries,
    counts: { noRoom: 2, failed: 1 },
  });

describe('createSetManifest', () => {
  it('gives the same bytes in whatever order shards hand in their images', () => {
    const entries = paths.map(entry);
    const shards = [
      ...entries.filter((_, index) => index % 3 === 1),
      ...entries.filter((_, index) => index % 3 !== 1),
    ];
    expect(make(shards).manifestFile.equals(make(entries).manifestFile)).toBe(true);
    expect(make([...entries].reverse()).manifestFile.equals(make(entries).manifestFile)).toBe(true);
  });

  it('sorts by the bytes of the path', () => {
    expect(make(paths.map(entry)).manifest.body.entries.map(({ path }) => path)).toEqual([
      'a-b.png',
      'a.png',
      'a/B.png',
      'a/b.png',
      'z.png',
      'ä.png',
      '\ufb33.png',
      '\u{1f441}.png',
    ]);
  });

  it('refuses the same path twice', () => {
    const twice = expect.objectContaining({ code: 'job-inconsistent' });
    expect(() => make([entry('a.png'), entry('b.png'), entry('a.png')])).toThrow(twice);
  });

  it('reads back, signed and consistent, also without entries', () => {
    for (const entries of [paths.map(entry), []]) {
      const { manifest, manifestFile } = make(entries);
      expect(readSetManifest(manifestFile, 'm').document).toEqual(manifest);
      expect(hasValidSignature(manifest)).toBe(true);
      expect(manifestDefect(manifest.body)).toBeNull();
      expect(manifest.body.counts).toEqual({ protected: entries.length, noRoom: 2, failed: 1 });
    }
  });

  it('leaves nothing in that an entry does not have', () => {
    const more = { ...entry('a.png'), secret: 'x' };
    expect(make([more]).manifest.body.entries).toEqual([entry('a.png')]);
  });
});

describe('manifestDefect', () => {
  const { body } = make(paths.map(entry)).manifest;

  it.each([
    ['a removed entry', { entries: body.entries.slice(1) }, /number/],
    ['another order', { entries: [...body.entries].reverse() }, /sorted/],
    ['a doubled entry', { entries: [body.entries[0], ...body.entries.slice(0, -1)] }, /sorted/],
    ['an exchanged entry', { entries: [entry('A.png'), ...body.entries.slice(1)] }, /Merkle/],
    ['another root', { merkleRoot: '00'.repeat(32) }, /Merkle/],
  ])('finds %s', (_name, change, reason) => {
    expect(manifestDefect({ ...body, ...change })).toMatch(reason);
  });
});

describe('inclusion proofs', () => {
  const { body } = make(paths.map(entry)).manifest;

  it('show every entry and no other', () => {
    for (const one of body.entries) {
      const proof = proveInclusion(body, one.path);
      expect(verifyInclusion(body.merkleRoot, one, proof)).toBe(true);
      expect(verifyInclusion(body.merkleRoot, { ...one, path: `${one.path}x` }, proof)).toBe(false);
      expect(verifyInclusion('00'.repeat(32), one, proof)).toBe(false);
    }
    expect(() => proveInclusion(body, 'nowhere.png')).toThrow(RangeError);
  });
});

describe('signatures', () => {
  it('of one kind of document do not fit another kind', () => {
    const { manifest } = make([entry('a.png')]);
    expect(hasValidSignature({ ...manifest, format: 'medlocker-certificate/1' })).toBe(false);
  });

  it('do not hold for a key that is no point, nor for a changed body', () => {
    const { manifest } = make([entry('a.png')]);
    const noPoint = {
      ...manifest,
      body: { ...manifest.body, owner: { name: 'x', publicKey: 'ff'.repeat(32) } },
    };
    expect(hasValidSignature(noPoint)).toBe(false);
    const licensee = { ...manifest.body, licensee: 'x' };
    expect(hasValidSignature({ ...manifest, body: licensee })).toBe(false);
    expect(encodeDocument(manifest).at(-1)).toBe(0x0a);
  });
});
