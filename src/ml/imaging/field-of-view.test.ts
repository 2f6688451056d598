import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsRealData, realData } from '../../../test/real-data.ts';
import { createRandom } from '../random.ts';
import { findFieldOfView } from './field-of-view.ts';
import type { Raster, Raster8 } from './raster.ts';
import { readImage } from './read-image.ts';
import { synthesizeFundus } from './synthetic-fundus.ts';

/** A textured disc on a background, both with noise. */
function disc(
  width: number,
  height: number,
  cx: number,
  cy: number,
  radius: number,
  background: number,
  noise: number,
): Raster8 {
  const random = createRandom(3);
  const data = new Uint8ClampedArray(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = (x - cx) ** 2 + (y - cy) ** 2 <= radius ** 2;
      const texture = 30 * Math.sin(x / 9) * Math.cos(y / 7);
      for (let c = 0; c < 3; c++) {
        const level = inside ? [170, 90, 40][c] + texture : background;
        data[(y * width + x) * 3 + c] = level + noise * random.normal();
      }
    }
  }
  return { width, height, channels: 3, bitDepth: 8, data: new Uint8Array(data.buffer) };
}

function flat(width: number, height: number, level: number): Raster8 {
  return { width, height, channels: 3, bitDepth: 8, data: new Uint8Array(width * height * 3).fill(level) };
}

describe('findFieldOfView', () => {
  it.each([
    ['small', 96, 96, 47, 47, 40, 0, 0],
    ['cut at top and bottom', 300, 200, 149, 99, 130, 2, 1],
    ['cut at the left', 260, 260, 90, 130, 120, 0, 2],
    ['off centre', 400, 300, 250, 140, 100, 5, 2],
    ['on a white page', 320, 300, 160, 150, 120, 255, 0],
    ['with a noisy surround', 300, 300, 150, 150, 110, 12, 12],
    ['large', 1200, 800, 599, 399, 380, 1, 1],
  ])('finds a disc: %s', (_, width, height, cx, cy, radius, background, noise) => {
    const field = findFieldOfView(disc(width, height, cx, cy, radius, background, noise));
    const tolerance = 1.5 + radius * 0.01;
    expect(Math.abs(field.centreX - cx)).toBeLessThan(tolerance);
    expect(Math.abs(field.centreY - cy)).toBeLessThan(tolerance);
    expect(Math.abs(field.radius - radius)).toBeLessThan(tolerance);
    expect(field.mask.data.reduce((sum, v) => sum + v, 0)).toBe(field.area);
  });

  it('cuts the field where a black bar cuts the disc', () => {
    const image = disc(300, 300, 150, 150, 140, 0, 0);
    image.data.fill(0, 0, 300 * 3 * 60);
    const field = findFieldOfView(image);
    expect(Math.abs(field.bounds.y - 60)).toBeLessThanOrEqual(1);
    expect(field.mask.data[40 * 300 + 150]).toBe(0);
    expect(Math.abs(field.radius - 140)).toBeLessThan(3);
  });

  it('fills dark regions inside the field', () => {
    const image = disc(300, 300, 150, 150, 130, 0, 0);
    for (let y = 120; y < 200; y++) image.data.fill(0, (y * 300 + 30) * 3, (y * 300 + 110) * 3);
    const { mask, radius } = findFieldOfView(image);
    expect(mask.data[160 * 300 + 70]).toBe(1);
    expect(Math.abs(radius - 130)).toBeLessThan(3);
  });

  it('takes a picture without any surround as field throughout', () => {
    const { area, bounds } = findFieldOfView(disc(200, 150, 100, 75, 400, 0, 0));
    expect(area).toBe(200 * 150);
    expect(bounds).toEqual({ x: 0, y: 0, width: 200, height: 150 });
  });

  it.each([
    ['black', flat(100, 100, 0)],
    ['white', flat(100, 100, 255)],
    ['uniform', flat(100, 100, 120)],
    ['a flat disc', flatDisc()],
    ['tiny', flat(20, 20, 90)],
    ['a thin strip', strip()],
  ])('refuses a picture without a retina: %s', (_, image) => {
    expect(() => findFieldOfView(image)).toThrow(expect.objectContaining({ code: 'image-no-retina' }));
  });

  it('agrees with the known field of synthetic photographs', () => {
    for (let seed = 0; seed < 12; seed++) {
      const { raster, fieldOfView } = synthesizeFundus({
        grade: (seed % 5) as 0 | 1 | 2 | 3 | 4,
        seed,
        size: 256,
      });
      const found = findFieldOfView(raster);
      expect(overlap(found.mask.data, fieldOfView.mask.data)).toBeGreaterThan(0.97);
    }
  });

  it('works on grey and 16-bit pictures alike', () => {
    const colour = disc(200, 160, 100, 80, 70, 0, 0);
    const grey = Uint16Array.from({ length: 200 * 160 }, (_, p) => colour.data[3 * p] * 257);
    const field = findFieldOfView({ width: 200, height: 160, channels: 1, bitDepth: 16, data: grey });
    expect(Math.abs(field.radius - 70)).toBeLessThan(2);
  });
});

describe.skipIf(realData === null)(`findFieldOfView on real photographs (${needsRealData})`, () => {
  it.each(['eyepacs400', 'eyepacs256n', 'idrid_seg', 'idrid_overlay', 'chase'])(
    'finds a plausible field in %s',
    async (set) => {
      const folder = path.join(realData?.images ?? '', set);
      const files = readdirSync(folder).filter((name) => name.endsWith('.jpg'));
      for (const file of files.filter((_, i) => i % Math.ceil(files.length / 5) === 0)) {
        const { raster } = await readImage(path.join(folder, file));
        const { area, radius, mask } = findFieldOfView(raster);
        const pixels = raster.width * raster.height;
        expect(area / pixels, file).toBeGreaterThan(0.3);
        expect(radius / Math.max(raster.width, raster.height), file).toBeGreaterThan(0.3);
        // What the mask leaves out is darker than what it holds.
        expect(meanRed(raster, mask.data, 1), file).toBeGreaterThan(3 * meanRed(raster, mask.data, 0));
      }
    },
  );

  it('refuses the one photograph of the set that is only a strip', async () => {
    const { raster } = await readImage(path.join(realData?.images ?? '', 'eyepacs256n', 'g2_15222_left.jpg'));
    expect(() => findFieldOfView(raster)).toThrow(/no retina/);
  });
});

function meanRed(raster: Raster, mask: Uint8Array, side: 0 | 1): number {
  let sum = 0;
  let n = 0;
  for (let p = 0; p < mask.length; p++) {
    if (mask[p] !== side) continue;
    sum += raster.data[p * raster.channels];
    n++;
  }
  return n === 0 ? 0 : sum / n;
}

function flatDisc(): Raster8 {
  const image = flat(120, 120, 0);
  for (let y = 0; y < 120; y++) {
    for (let x = 0; x < 120; x++)
      if ((x - 60) ** 2 + (y - 60) ** 2 < 2500)
        image.data.fill(200, (y * 120 + x) * 3, (y * 120 + x) * 3 + 3);
  }
  return image;
}

function strip(): Raster8 {
  const image = flat(200, 200, 0);
  const random = createRandom(1);
  for (let i = 100 * 200 * 3; i < 108 * 200 * 3; i++) image.data[i] = random.integer(256);
  return image;
}

function overlap(a: Uint8Array, b: Uint8Array): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i++) {
    both += a[i] & b[i];
    either += a[i] | b[i];
  }
  return both / either;
}
