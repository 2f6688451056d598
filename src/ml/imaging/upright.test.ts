import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { uprightMask, uprightRaster } from './upright.ts';

describe('uprightRaster', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'turns a picture as libvips does: orientation %i',
    async (orientation) => {
      const [width, height] = [5, 3];
      const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256);
      const file = await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .withMetadata({ orientation })
        .toBuffer();
      const oracle = await sharp(file).autoOrient().raw().toBuffer({ resolveWithObject: true });
      const turned = uprightRaster({ width, height, channels: 3, bitDepth: 8, data }, orientation);
      expect([turned.width, turned.height]).toEqual([oracle.info.width, oracle.info.height]);
      expect(Array.from(turned.data)).toEqual(Array.from(oracle.data));
    },
  );

  it('turns 16-bit pictures and masks alike', () => {
    const data = Uint16Array.from([1, 2, 3, 4, 5, 6]);
    const turned = uprightRaster({ width: 3, height: 2, channels: 1, bitDepth: 16, data }, 6);
    expect(Array.from(turned.data)).toEqual([4, 1, 5, 2, 6, 3]);
    const mask = uprightMask({ width: 3, height: 2, data: Uint8Array.from([1, 0, 0, 0, 1, 0]) }, 6);
    expect(mask).toEqual({ width: 2, height: 3, data: Uint8Array.from([0, 1, 1, 0, 0, 0]) });
  });
});
