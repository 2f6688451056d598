import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/failure.ts';
import { createRandom } from '../random.ts';
import { findFieldOfView } from './field-of-view.ts';
import { namedPipelines, parsePipeline } from './pipelines.ts';
import type { Raster, Raster8 } from './raster.ts';
import { planResample, resample } from './resample.ts';
import { synthesizeFundus } from './synthetic-fundus.ts';
import { toRgbFloat } from './to-rgb.ts';

const eye = synthesizeFundus({ grade: 2, seed: 4, size: 160 }).raster;
const target = { width: 48, height: 48 };

function rgb(width: number, height: number, colour: (x: number, y: number) => readonly number[]): Raster8 {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(colour(x, y), (y * width + x) * 3);
  return { width, height, channels: 3, bitDepth: 8, data };
}

function furthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

describe('parsePipeline', () => {
  it.each([
    ['direct', 'direct'],
    ['jpeg:75', 'jpeg:75'],
    [' jpeg:75 + resize:299:bicubic ', 'jpeg:75+resize:299:bicubic'],
    ['resize:224:bilinear', 'resize:224'],
    ['resize:50%:area', 'resize:50%:area'],
    ['rotate:-5', 'rotate:-5'],
    ['direct+median:3', 'median:3'],
  ])('understands %j', (text, id) => {
    expect(parsePipeline(text).id).toBe(id);
    expect(parsePipeline(id).id).toBe(id);
  });

  it.each([
    '',
    'jpeg',
    'jpeg:0',
    'jpeg:101',
    'jpeg:75:2',
    'resize:9999',
    'resize:224:lanczos',
    'resize:0%',
    'crop',
    'crop:left',
    'median:4',
    'rotate:90',
    'rotate:',
    'graham:2',
    'constructor',
    '__proto__',
    'jpeg:75++direct',
  ])('refuses %j and names the step', (text) => {
    expect(() => parsePipeline(text)).toThrow(Failure);
    expect(() => parsePipeline(text)).toThrow(
      expect.objectContaining({ code: 'settings-invalid', hint: expect.stringContaining('jpeg:75') }),
    );
  });

  it('refuses random text and overlong chains without any other error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        try {
          parsePipeline(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
    );
    expect(() => parsePipeline(new Array(9).fill('median:3').join('+'))).toThrow(/more than 8/);
  });

  it('explains every named pipeline and parses it to itself', () => {
    for (const { id, explanation } of namedPipelines) {
      expect(parsePipeline(id).id).toBe(id);
      expect(explanation).toMatch(/\.$/);
    }
  });
});

describe('consumer pipelines', () => {
  it.each(namedPipelines.map(({ id }) => id))(
    '%s gives RGB in [0, 1] at the asked size, the same every time',
    async (id) => {
      const pipeline = parsePipeline(id);
      const first = await pipeline.apply(eye, { width: 40, height: 32 });
      expect([first.width, first.height, first.channels]).toEqual([40, 32, 3]);
      expect(first.data.every((v) => v >= 0 && v <= 1)).toBe(true);
      expect((await pipeline.apply(eye, { width: 40, height: 32 })).data).toEqual(first.data);
    },
  );

  it('direct is the antialiased bilinear squeeze and keeps 16 bits', async () => {
    const plan = planResample(160, 160, 48, 48, 'bilinear');
    expect((await parsePipeline('direct').apply(eye, target)).data).toEqual(
      resample(plan, toRgbFloat(eye)).data,
    );
    const deep: Raster = {
      width: 48,
      height: 48,
      channels: 1,
      bitDepth: 16,
      data: new Uint16Array(48 * 48).fill(1),
    };
    expect((await parsePipeline('direct').apply(deep, target)).data[0]).toBeCloseTo(1 / 65_535, 8);
  });

  it.each([
    'direct',
    'resize:64',
    'resize:50%:area',
    'crop:centre',
    'crop:fov',
    'crop:centre+resize:70:bicubic',
    'resize:80+crop:fov+resize:64',
  ])('%s equals its linear plan but for the rounding to 8 bits', async (id) => {
    const wide = rgb(200, 160, (x, y) =>
      x < 20 || x >= 180
        ? [1, 1, 1]
        : [...eye.data.subarray((y * 160 + x - 20) * 3, (y * 160 + x - 20) * 3 + 3)],
    );
    const pipeline = parsePipeline(id);
    const plan = pipeline.linearPlan(wide, findFieldOfView(wide).bounds, target);
    expect(pipeline.linear).toBe(true);
    expect(plan).not.toBeNull();
    if (plan === null) return;
    const limit = id.includes('resize') ? 0.02 : 1e-6;
    expect(
      furthest(resample(plan, toRgbFloat(wide)).data, (await pipeline.apply(wide, target)).data),
    ).toBeLessThan(limit);
  });

  it.each(['jpeg:75', 'median:3', 'rotate:5', 'graham', 'resize:64+jpeg:90'])(
    '%s has no linear plan',
    (id) => {
      expect(parsePipeline(id).linear).toBe(false);
      expect(parsePipeline(id).linearPlan(eye, null, target)).toBeNull();
    },
  );

  it('jpeg:Q is a 4:2:0 JPEG of that quality', async () => {
    const file = await sharp(eye.data, { raw: { width: 160, height: 160, channels: 3 } })
      .jpeg({ quality: 75 })
      .toBuffer();
    expect((await sharp(file).metadata()).chromaSubsampling).toBe('4:2:0');
    const data = new Uint8Array(await sharp(file).raw().toBuffer());
    const expected = await parsePipeline('direct').apply({ ...eye, data }, target);
    expect((await parsePipeline('jpeg:75').apply(eye, target)).data).toEqual(expected.data);
    expect(furthest(expected.data, (await parsePipeline('direct').apply(eye, target)).data)).toBeGreaterThan(
      0.002,
    );
  });

  it('16 bits are reduced to 8 before anything but direct', async () => {
    const data = Uint16Array.from(eye.data, (v) => v * 257);
    const deep: Raster = { ...eye, bitDepth: 16, data };
    for (const id of ['jpeg:90', 'median:3', 'resize:64']) {
      expect((await parsePipeline(id).apply(deep, target)).data).toEqual(
        (await parsePipeline(id).apply(eye, target)).data,
      );
    }
  });

  it('median:3 removes single pixels and keeps straight edges', async () => {
    const size = { width: 21, height: 21 };
    const image = rgb(21, 21, (x, y) =>
      x === 10 && y === 10 ? [255, 255, 255] : x < 5 ? [10, 20, 30] : [90, 90, 90],
    );
    const { data } = await parsePipeline('median:3').apply(image, size);
    expect(data[(10 * 21 + 10) * 3]).toBeCloseTo(90 / 255, 6);
    expect(data[(10 * 21 + 4) * 3]).toBeCloseTo(10 / 255, 6);
    expect(data[(10 * 21 + 5) * 3]).toBeCloseTo(90 / 255, 6);
  });

  it('rotate turns clockwise: what was at the right goes down', async () => {
    const image = rgb(101, 101, (x, y) => ((x - 90) ** 2 + (y - 50) ** 2 < 9 ? [255, 255, 255] : [0, 0, 0]));
    const { data } = await parsePipeline('rotate:30').apply(image, { width: 101, height: 101 });
    let x = 0;
    let y = 0;
    let mass = 0;
    data.forEach((value, i) => {
      const p = Math.floor(i / 3);
      mass += value;
      x += value * (p % 101);
      y += value * Math.floor(p / 101);
    });
    expect(x / mass).toBeCloseTo(50 + 40 * Math.cos(Math.PI / 6), 1);
    expect(y / mass).toBeCloseTo(50 + 40 * Math.sin(Math.PI / 6), 1);
  });

  it('graham turns a uniform disc into mid grey, keeps its size rule and greys what lies outside', async () => {
    const image = rgb(300, 300, (x, y) =>
      (x - 150) ** 2 + (y - 150) ** 2 < 140 ** 2 ? [180, 90, 50] : [0, 0, 0],
    );
    const { data } = await parsePipeline('graham').apply(image, { width: 100, height: 100 });
    const at = (x: number, y: number): number => data[(y * 100 + x) * 3] * 255;
    expect(at(50, 50)).toBeCloseTo(128, 0);
    expect(at(35, 60)).toBeCloseTo(128, 0);
    expect(at(1, 1)).toBeCloseTo(128, 3);
  });

  it('graham amplifies a local deviation by four', async () => {
    // A 6 px square, much smaller than sigma = 10 px at radius 300, so the local average hardly moves.
    const image = rgb(700, 700, (x, y) => {
      if ((x - 350) ** 2 + (y - 350) ** 2 >= 300 ** 2) return [0, 0, 0];
      return Math.abs(x - 350) < 3 && Math.abs(y - 400) < 3 ? [120, 100, 100] : [100, 100, 100];
    });
    const { data } = await parsePipeline('graham').apply(image, { width: 700, height: 700 });
    const peak = data[(400 * 700 + 350) * 3] * 255;
    expect(peak).toBeGreaterThan(128 + 4 * 20 * 0.85);
    expect(peak).toBeLessThan(128 + 4 * 20 + 0.5);
  });

  it('crop:fov leaves a picture without a retina as it is', async () => {
    const black = rgb(60, 60, () => [0, 0, 0]);
    expect((await parsePipeline('crop:fov').apply(black, target)).data.every((v) => v === 0)).toBe(true);
  });

  it('crop:centre of a wide picture does not see its sides', async () => {
    const random = createRandom(1);
    const sides = rgb(90, 30, (x) => (x >= 30 && x < 60 ? [50, 60, 70] : [random.integer(256), 0, 255]));
    const { data } = await parsePipeline('crop:centre').apply(sides, { width: 8, height: 8 });
    data.forEach((value, i) => expect(value).toBeCloseTo([50, 60, 70][i % 3] / 255, 6));
  });
});
