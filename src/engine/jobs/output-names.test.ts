import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesOf, outputNames } from './output-names.ts';

const images = (paths: readonly string[]) =>
  [...outputNames(paths, 'png')].map(([path, names]) => [path, names.image]);

describe('outputNames', () => {
  it('changes the extension to that of the format and keeps the tree', () => {
    expect(images(['a/b.jpg', 'c.TIF'])).toEqual([
      ['a/b.jpg', 'a/b.png'],
      ['c.TIF', 'c.png'],
    ]);
    expect(outputNames(['x.jpg'], 'tiff').get('x.jpg')?.image).toBe('x.tif');
  });

  it('keeps namesakes apart by their own extension, letter case ignored', () => {
    expect(Object.fromEntries(images(['Eye.png', 'eye.jpg', 'other/eye.jpg']))).toEqual({
      'Eye.png': 'Eye.png.png',
      'eye.jpg': 'eye.jpg.png',
      'other/eye.jpg': 'other/eye.png',
    });
  });

  it('does not push a file aside whose name looks like a lengthened one', () => {
    expect(Object.fromEntries(images(['a.jpg', 'a.jpg.tif', 'a.png']))).toEqual({
      'a.jpg': 'a.jpg-2.png',
      'a.jpg.tif': 'a.jpg.png',
      'a.png': 'a.png.png',
    });
  });

  it('never gives two sources one output, and never depends on the order of the sources', () => {
    const segment = fc.constantFrom('a', 'A', 'b', 'a.jpg', 'a-2', 'ä', 'a\u0308');
    const path = fc
      .tuple(fc.array(segment, { maxLength: 1 }), segment, fc.constantFrom('.jpg', '.png', '.JPG', '.tif'))
      .map(([folders, name, extension]) => [...folders, name + extension].join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 12 }), (paths) => {
        const names = outputNames([...paths].sort(), 'png');
        const all = [...names.values()].flatMap((name) => Object.values(name) as string[]);
        expect(new Set(all.map((name) => name.normalize('NFC').toLowerCase())).size).toBe(3 * paths.length);
      }),
    );
  });
});

describe('namesOf', () => {
  it('puts certificate and residual beside the image', () => {
    expect(namesOf('a/b.png')).toEqual({
      image: 'a/b.png',
      certificate: 'a/b.png.certificate.json',
      residual: 'a/b.png.mlr',
    });
  });
});
