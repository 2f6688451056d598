import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { NO_AUGMENTATION } from './augmentation.ts';
import { prepareBatch } from './prepare-batch.ts';

const side = 16;
const random = createRandom(5);
const source = Uint8Array.from({ length: side * side * 3 }, () => random.integer(256));
const seeds = Array.from({ length: 40 }, (_, i) => i);
const sources = seeds.map(() => source);

describe('prepareBatch', () => {
  it('puts images one after the other as they are when nothing may vary', async () => {
    const pixels = await prepareBatch({ sources, side, augmentation: NO_AUGMENTATION, seeds });
    expect(pixels).toEqual(
      Float32Array.from(seeds.flatMap(() => Array.from(source, (value) => value / 255))),
    );
  });

  it('takes about half of the images through JPEG, the same ones for the same seeds', async () => {
    const augmentation = { ...NO_AUGMENTATION, jpeg: 60 };
    const pixels = await prepareBatch({ sources, side, augmentation, seeds });
    expect(await prepareBatch({ sources, side, augmentation, seeds })).toEqual(pixels);
    const untouched = seeds.filter((place) => differences(pixels, place) === 0);
    expect(untouched.length).toBeGreaterThan(10);
    expect(untouched.length).toBeLessThan(30);
  });

  it('uses the quality asked for where there is no choice', async () => {
    const augmentation = { ...NO_AUGMENTATION, jpeg: 95 };
    const pixels = await prepareBatch({ sources, side, augmentation, seeds });
    const raw = { width: side, height: side, channels: 3 } as const;
    const file = await sharp(source, { raw }).jpeg({ quality: 95, chromaSubsampling: '4:2:0' }).toBuffer();
    const expected = Float32Array.from(await sharp(file).raw().toBuffer(), (value) => value / 255);
    const place = seeds.find((candidate) => differences(pixels, candidate) > 0) ?? -1;
    expect(pixels.slice(place * source.length, (place + 1) * source.length)).toEqual(expected);
  });
});

function differences(pixels: Float32Array, place: number): number {
  return source.filter((value, i) => pixels[place * source.length + i] !== Math.fround(value / 255)).length;
}
