import { formats, manifestSchema } from '../../shared/certificate.ts';
import type { ManifestBody, ManifestEntry, SetManifest } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { canonicalBytes } from './canonical-json.ts';
import { inclusionPath, merkleRoot, rootFromPath } from './merkle.ts';
import type { OwnerKey } from './owner-key.ts';
import { encodeDocument, readDocument, signDocument } from './signed-document.ts';
import type { ReadDocument } from './signed-document.ts';

const largestManifest = 512 * 2 ** 20;

export interface ManifestInput {
  readonly owner: OwnerKey;
  readonly setId: string;
  readonly created: Date;
  readonly toolVersion: string;
  readonly licensee: string | null;
  readonly terms: string | null;
  /** In any order: the manifest sorts them, so that shards and their order leave no trace. */
  readonly entries: readonly ManifestEntry[];
  /** Images that got no mark (no room) and images that failed. */
  readonly counts: { readonly noRoom: number; readonly failed: number };
}

/** Signed list of a set's certificates. Throws Failure 'job-inconsistent' when two entries have the same path. */
export function createSetManifest(input: ManifestInput): { manifest: SetManifest; manifestFile: Buffer } {
  const entries = input.entries
    .map(({ path, imageId, certificateSha256 }) => ({ path, imageId, certificateSha256 }))
    .sort((a, b) => comparePaths(a.path, b.path));
  const twice = entries.find(({ path }, index) => index > 0 && entries[index - 1].path === path);
  if (twice !== undefined) {
    throw new Failure('job-inconsistent', `${twice.path}: listed twice in the set`, {
      subject: twice.path,
      hint: 'Two shards protected the same image: run them again with disjoint parts.',
    });
  }
  const body: ManifestBody = {
    setId: input.setId,
    created: input.created.toISOString(),
    tool: { name: 'medlocker', version: input.toolVersion },
    owner: { name: input.owner.name, publicKey: input.owner.publicKey },
    licensee: input.licensee,
    terms: input.terms,
    counts: { protected: entries.length, noRoom: input.counts.noRoom, failed: input.counts.failed },
    entries,
    merkleRoot: entriesRoot(entries),
  };
  const manifest = signDocument(manifestSchema, formats.manifest, body, input.owner);
  return { manifest, manifestFile: encodeDocument(manifest) };
}

/** Parses a manifest file without judging signature or contents; throws Failure 'certificate-unreadable'. */
export function readSetManifest(bytes: Uint8Array, subject: string): ReadDocument<SetManifest> {
  return readDocument(bytes, manifestSchema, formats.manifest, {
    subject,
    what: 'set manifest',
    code: 'certificate-unreadable',
    limit: largestManifest,
  });
}

/** What is wrong with a manifest's own contents, or null: order, count, Merkle root. */
export function manifestDefect({ entries, counts, merkleRoot: root }: ManifestBody): string | null {
  if (counts.protected !== entries.length) return 'the number of entries is not the stated one';
  for (let index = 1; index < entries.length; index++) {
    if (comparePaths(entries[index - 1].path, entries[index].path) >= 0)
      return 'entries are not sorted by path';
  }
  return entriesRoot(entries) === root ? null : 'the Merkle root is not that of the entries';
}

/** Shows that one entry belongs to a signed root without handing out the other entries. */
export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  /** Hex, from the leaf's sibling up. */
  readonly path: readonly string[];
}

/** Throws RangeError for a path the manifest does not list. */
export function proveInclusion({ entries }: ManifestBody, path: string): InclusionProof {
  const index = entries.findIndex((entry) => entry.path === path);
  const hashes = inclusionPath(entries.map(leafOf), index);
  return { index, size: entries.length, path: hashes.map((hash) => hash.toString('hex')) };
}

export function verifyInclusion(rootHex: string, entry: ManifestEntry, proof: InclusionProof): boolean {
  const path = proof.path.map((hash) => Buffer.from(hash, 'hex'));
  return rootFromPath(leafOf(entry), proof.index, proof.size, path)?.toString('hex') === rootHex;
}

function entriesRoot(entries: readonly ManifestEntry[]): string {
  return merkleRoot(entries.map(leafOf)).toString('hex');
}

function leafOf(entry: ManifestEntry): Buffer {
  return canonicalBytes(entry);
}

/** By the bytes of their UTF-8 form. */
function comparePaths(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
