import { describe, expect, it } from 'vitest';
import { inclusionPath, merkleRoot, rootFromPath } from './merkle.ts';

// Leaves and roots of the Certificate Transparency reference implementation's tests.
const leaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('merkleRoot', () => {
  it.each(roots.map((root, size) => ({ size, root })))(
    'of $size leaves is the published one',
    ({ size, root }) => {
      expect(merkleRoot(leaves.slice(0, size)).toString('hex')).toBe(root);
    },
  );
});

describe('inclusionPath', () => {
  const many = Array.from({ length: 37 }, (_, index) => Buffer.from(`leaf ${index}`));

  it('leads every leaf of every tree size to the root', () => {
    for (let size = 1; size <= many.length; size++) {
      const tree = many.slice(0, size);
      const root = merkleRoot(tree);
      tree.forEach((leaf, index) => {
        expect(rootFromPath(leaf, index, size, inclusionPath(tree, index))?.equals(root)).toBe(true);
      });
    }
  });

  it('does not lead another leaf, place or size to the root', () => {
    const root = merkleRoot(many);
    const path = inclusionPath(many, 20);
    const leads = (leaf: Buffer, index: number, size: number, hashes = path) =>
      rootFromPath(leaf, index, size, hashes)?.equals(root) ?? false;
    expect(leads(many[20], 20, 37)).toBe(true);
    expect(leads(many[21], 20, 37)).toBe(false);
    expect(leads(many[20], 21, 37)).toBe(false);
    expect(leads(many[20], 20, 20)).toBe(false);
    expect(leads(many[20], 20, 37, path.slice(1))).toBe(false);
    expect(leads(many[20], 20, 37, [...path, path[0]])).toBe(false);
    expect(leads(many[20], -1, 37)).toBe(false);
    expect(leads(many[20], 0.5, 37)).toBe(false);
  });

  it('refuses a leaf that is not there', () => {
    expect(() => inclusionPath(many, 37)).toThrow(RangeError);
    expect(() => inclusionPath([], 0)).toThrow(RangeError);
  });
});
