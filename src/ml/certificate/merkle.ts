import { createHash } from 'node:crypto';

/** Merkle tree hash of RFC 6962 §2.1 with SHA-256: leaves prefixed with 0x00, inner nodes with 0x01. */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest();
  return rootOfHashes(leaves.map(leafHash));
}

/** Audit path of RFC 6962 §2.1.1 for one leaf, from the leaf's sibling up to the root. */
export function inclusionPath(leaves: readonly Buffer[], index: number): Buffer[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError(`no leaf ${index} among ${leaves.length}`);
  }
  let hashes = leaves.map(leafHash);
  let at = index;
  const path: Buffer[] = [];
  while (hashes.length > 1) {
    const sibling = at ^ 1;
    if (sibling < hashes.length) path.push(hashes[sibling]);
    hashes = nextLevel(hashes);
    at >>= 1;
  }
  return path;
}

/** Root that a leaf and its audit path lead to, or null when the path's length does not fit (RFC 9162 §2.1.3.2). */
export function rootFromPath(
  leaf: Buffer,
  index: number,
  size: number,
  path: readonly Buffer[],
): Buffer | null {
  if (!Number.isInteger(index) || index < 0 || index >= size) return null;
  let hash = leafHash(leaf);
  let at = index;
  let last = size - 1;
  let used = 0;
  for (; last > 0; at >>= 1, last >>= 1) {
    const isRightmost = at === last && at % 2 === 0;
    if (isRightmost) continue;
    if (used >= path.length) return null;
    hash = at % 2 === 1 ? nodeHash(path[used], hash) : nodeHash(hash, path[used]);
    used++;
  }
  return used === path.length ? hash : null;
}

function rootOfHashes(leaves: Buffer[]): Buffer {
  let hashes = leaves;
  while (hashes.length > 1) hashes = nextLevel(hashes);
  return hashes[0];
}

/** Pairs are joined from the left, a last odd one moves up: the same tree as splitting at powers of two. */
function nextLevel(hashes: readonly Buffer[]): Buffer[] {
  const next: Buffer[] = [];
  for (let index = 0; index < hashes.length; index += 2) {
    next.push(index + 1 < hashes.length ? nodeHash(hashes[index], hashes[index + 1]) : hashes[index]);
  }
  return next;
}

function leafHash(leaf: Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(leaf).digest();
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}
