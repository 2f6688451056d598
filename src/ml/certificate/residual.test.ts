import { describe, expect, it } from 'vitest';
import { copyRaster } from '../imaging/raster.ts';
import { decryptResidual, readResidual, sealResidual } from './residual.ts';
import { unpackSamples } from './sample-coding.ts';
import { deterministicBytes, sampleRaster, sampleStamps } from './sample-certificate.fixture.ts';
import { silhouetteMap } from './silhouette-map.ts';

const bytes = deterministicBytes('residual');
const keys = { residual: bytes(32), nonce: bytes(32) };
const identity = {
  imageId: 'aa'.repeat(16),
  originalPixelsSha256: 'bb'.repeat(32),
  protectedPixelsSha256: 'cc'.repeat(32),
};
const raster = sampleRaster(3, 8);
const silhouette = silhouetteMap(12, 10, sampleStamps());
const sealed = sealResidual(raster, silhouette, identity, keys).file;
const damaged = (why: RegExp): unknown =>
  expect.objectContaining({ code: 'residual-damaged', message: expect.stringMatching(why) as unknown });

describe('sealResidual', () => {
  it('can be read, decrypted and unpacked again', () => {
    const read = readResidual(sealed, 'r');
    expect(read.silhouette).toEqual(silhouette);
    const packed = decryptResidual(read, keys.residual);
    const target = new Uint8Array(raster.data.length);
    expect(unpackSamples(packed ?? Buffer.alloc(0), raster, silhouette, target)).toBe(true);
    const inked = new Set([13, 15, 25, 26, 27, 105, 107, 117, 118, 119]);
    const expected = raster.data.map((sample, index) => (inked.has(Math.floor(index / 3)) ? sample : 0));
    expect(target).toEqual(expected);
  });

  it('takes another nonce for another content under the same keys, and the same for the same', () => {
    const changed = copyRaster(raster);
    changed.data[40] ^= 1;
    const fewer = silhouetteMap(12, 10, sampleStamps().slice(1));
    const files = [
      sealed,
      sealResidual(changed, silhouette, identity, keys).file,
      sealResidual(raster, fewer, identity, keys).file,
      sealResidual(raster, silhouette, { ...identity, protectedPixelsSha256: 'dd'.repeat(32) }, keys).file,
    ];
    const nonces = files.map((file) => readResidual(file, 'r').nonce.toString('hex'));
    expect(new Set(nonces).size).toBe(files.length);
    expect(sealResidual(raster, silhouette, identity, keys).file.equals(sealed)).toBe(true);
  });
});

describe('readResidual', () => {
  const text = sealed.toString('latin1');
  const change = (from: string | RegExp, to: string) => text.replace(from, to);

  it.each([
    ['an empty file', '', /does not begin/],
    ['another version', change('residual/1', 'residual/2'), /does not begin/],
    ['no header', 'medlocker-residual/1\nabc', /no header/],
    ['a header that is no JSON', 'medlocker-residual/1\nabc\nxyz', /not JSON/],
    ['another kind', change('pixel-residual/1', 'jpeg-residual/1'), /unknown kind/],
    ['a size of nothing', change('"width":12', '"width":0'), /impossible value/],
    [
      'a silhouette longer than the file',
      change(/"silhouetteBytes":\d+/, '"silhouetteBytes":99999'),
      /cut off/,
    ],
    ['a silhouette of another size', change('"silhouettePixels":10', '"silhouettePixels":11'), /silhouette/],
    ['a silhouette outside the image', change('"height":10', '"height":1'), /silhouette/],
    [
      'an image of 2^32 pixels and more',
      change('"height":10', '"height":1000000').replace('"width":12', '"width":5000'),
      /silhouette/,
    ],
  ])('refuses %s with a reason', (_name, file, why) => {
    expect(() => readResidual(Buffer.from(file, 'latin1'), 'r')).toThrow(damaged(why));
  });
});
