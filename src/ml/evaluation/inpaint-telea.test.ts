import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { BinaryMask, FloatImage } from '../imaging/plane.ts';
import type { Raster, Raster8, Raster16 } from '../imaging/raster.ts';
import { inpaintTelea } from './inpaint-telea.ts';

interface Oracle {
  readonly width: number;
  readonly height: number;
  readonly image: string;
  readonly cases: readonly { name: string; radius: number; mask: string; rgb: string; grey: string }[];
}

const oracle = JSON.parse(
  readFileSync(new URL('../../../test/oracles/inpainting.json', import.meta.url), 'utf8'),
) as Oracle;
const { width, height } = oracle;
const unpack = (text: string): Uint8Array => new Uint8Array(inflateSync(Buffer.from(text, 'base64')));
const rgb: Raster8 = { width, height, channels: 3, bitDepth: 8, data: unpack(oracle.image) };
const grey: Raster8 = {
  width,
  height,
  channels: 1,
  bitDepth: 8,
  data: Uint8Array.from({ length: width * height }, (_, i) => rgb.data[3 * i + 1]),
};
const maskOf = (text: string): BinaryMask => ({ width, height, data: unpack(text) });

const placesOf = (mask: BinaryMask): number[] => [...mask.data.keys()].filter((i) => mask.data[i] !== 0);

/** The filled pixels only, in mask order. */
function filled(image: Raster, mask: BinaryMask): number[] {
  return placesOf(mask).flatMap((place) =>
    Array.from(image.data.subarray(place * image.channels, (place + 1) * image.channels)),
  );
}

describe('inpaintTelea', () => {
  for (const { name, radius, mask, rgb: expectedRgb, grey: expectedGrey } of oracle.cases)
    it(`fills a ${name} with exactly OpenCV's samples, in colour and in grey`, () => {
      const hole = maskOf(mask);
      expect(filled(inpaintTelea(rgb, hole, radius), hole)).toEqual(Array.from(unpack(expectedRgb)));
      expect(filled(inpaintTelea(grey, hole, radius), hole)).toEqual(Array.from(unpack(expectedGrey)));
    });

  const box = maskOf(oracle.cases[0].mask);

  it('changes nothing outside the mask and not its input', () => {
    const before = rgb.data.slice();
    const result = inpaintTelea(rgb, box, 3);
    expect(rgb.data).toEqual(before);
    const outside = [...box.data.keys()].filter((place) => box.data[place] === 0);
    for (const place of outside)
      expect(result.data.subarray(3 * place, 3 * place + 3)).toEqual(
        before.subarray(3 * place, 3 * place + 3),
      );
  });

  it('leaves alpha alone', () => {
    const data = new Uint8Array(width * height * 4);
    for (let i = 0; i < width * height; i++) {
      data.set(rgb.data.subarray(3 * i, 3 * i + 3), 4 * i);
      data[4 * i + 3] = i % 256;
    }
    const rgba: Raster8 = { width, height, channels: 4, bitDepth: 8, data };
    const result = inpaintTelea(rgba, box, 3);
    const plain = inpaintTelea(rgb, box, 3);
    for (const place of placesOf(box)) {
      expect(result.data[4 * place + 3]).toBe(place % 256);
      expect(result.data[4 * place]).toBe(plain.data[3 * place]);
    }
  });

  it('fills 16-bit samples and floats in [0, 1] like 8-bit ones, to the few levels that rounding each pixel adds up to', () => {
    const expected = filled(inpaintTelea(grey, box, 3), box);
    const deep: Raster16 = { ...grey, bitDepth: 16, data: Uint16Array.from(grey.data, (v) => v * 257) };
    const float: FloatImage = {
      width,
      height,
      channels: 1,
      data: Float32Array.from(grey.data, (v) => v / 255),
    };
    const sixteen = filled(inpaintTelea(deep, box, 3), box);
    const real = inpaintTelea(float, box, 3).data;
    placesOf(box).forEach((place, i) => {
      expect(Math.abs(sixteen[i] / 257 - expected[i])).toBeLessThanOrEqual(4);
      expect(Math.abs(real[place] * 255 - expected[i])).toBeLessThanOrEqual(4);
    });
  });

  it('fills a hole at the rim of the image from the side it knows', () => {
    const flat: Raster8 = { ...grey, data: new Uint8Array(width * height).fill(120) };
    const rim = { width, height, data: new Uint8Array(width * height) };
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (x < 6 || y < 4 || x > width - 4) {
          rim.data[y * width + x] = 1;
          flat.data[y * width + x] = 0;
        }
    for (const value of filled(inpaintTelea(flat, rim, 3), rim))
      expect(Math.abs(value - 120)).toBeLessThanOrEqual(3);
  });

  it('leaves the image as it is for an empty mask and for a mask over everything', () => {
    const everything = { width, height, data: new Uint8Array(width * height).fill(1) };
    const nothing = { width, height, data: new Uint8Array(width * height) };
    expect(inpaintTelea(rgb, nothing, 3).data).toEqual(rgb.data);
    expect(inpaintTelea(rgb, everything, 3).data).toEqual(rgb.data);
  });

  it('refuses a mask of another size and a radius without meaning', () => {
    expect(() => inpaintTelea(rgb, { width: 3, height: 3, data: new Uint8Array(9) }, 3)).toThrow(
      'mask of 3 x 3',
    );
    for (const radius of [0, -1, 1.5, 101, NaN])
      expect(() => inpaintTelea(rgb, box, radius)).toThrow('radius');
  });
});
