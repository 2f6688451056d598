import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLogo, logoFromBytes } from './logo.ts';
import { opacityAt, renderStamp, scaleLogo } from './mark-shape.ts';
import { textLogo } from './text-mark.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-logo-'));
});
afterAll(() => rm(folder, { recursive: true }));

const svg = (body: string): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">${body}</svg>`);

const png = (pixels: readonly number[], channels: 3 | 4): Promise<Buffer> =>
  sharp(Buffer.from(pixels), { raw: { width: pixels.length / channels, height: 1, channels } })
    .png()
    .toBuffer();

describe('loadLogo', () => {
  it('takes the alpha channel as the matte and scales it with the opacity', async () => {
    const logo = await logoFromBytes(
      await png([255, 0, 0, 255, 0, 255, 0, 128, 0, 0, 255, 0], 4),
      'a.png',
      'a.png',
    );
    expect([...logo.matte]).toEqual([255, 128, 0]);
    expect([...logo.ink.slice(0, 3)]).toEqual([255, 0, 0]);
    expect([0, 1, 2].map((pixel) => opacityAt(logo, pixel, 100))).toEqual([100, 50, 0]);
  });

  it('takes the luma of a logo without transparency and caps it: black vanishes', async () => {
    const logo = await logoFromBytes(await png([255, 255, 255, 60, 60, 60, 0, 0, 0], 3), 'a.png', 'a.png');
    expect([0, 1, 2].map((pixel) => opacityAt(logo, pixel, 100))).toEqual([100, 60, 0]);
  });

  it('draws an SVG at 1024 pixels, whatever its own size', async () => {
    const path = join(folder, 'vector.svg');
    await writeFile(path, svg('<circle cx="20" cy="10" r="9" fill="#fff"/>'));
    const logo = await loadLogo(path);
    expect(logo.width).toBeGreaterThanOrEqual(1000);
    expect(logo.width / logo.height).toBeCloseTo(2, 1);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'it is empty'],
    ['text', Buffer.from('not a picture'), 'cannot be decoded'],
    ['a wholly transparent picture', svg(''), 'every pixel is transparent'],
    ['a truncated PNG', undefined, 'cannot be decoded'],
  ])('refuses %s and names the file', async (name, bytes, reason) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.png`);
    const whole = await sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: '#fff',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .png()
      .toBuffer();
    await writeFile(path, bytes ?? whole.subarray(0, whole.length / 2));
    await expect(loadLogo(path)).rejects.toMatchObject({ code: 'logo-unusable', subject: path });
    await expect(loadLogo(path)).rejects.toThrow(reason);
  });

  it('refuses a file that is not there', async () => {
    await expect(loadLogo(join(folder, 'none.png'))).rejects.toMatchObject({ code: 'logo-unusable' });
  });
});

describe('scaleLogo', () => {
  it('keeps the aspect and the longest side, and a full matte stays full', async () => {
    const logo = await logoFromBytes(
      await sharp({
        create: { width: 200, height: 100, channels: 4, background: { r: 10, g: 20, b: 30, alpha: 0.999 } },
      })
        .png()
        .toBuffer(),
      'a',
      'a',
    );
    const shape = scaleLogo({ ...logo, matte: logo.matte.map(() => 255) }, 50, 0);
    expect([shape.width, shape.height]).toEqual([50, 25]);
    expect(shape.silhouette.area).toBe(50 * 25);
    expect([...shape.ink.slice(0, 3)]).toEqual([10, 20, 30]);
  });

  it('turns clockwise: the right end of a bar comes to the bottom', async () => {
    const bar = await logoFromBytes(
      svg('<rect x="30" y="0" width="10" height="20" fill="#fff"/>'),
      'bar',
      'bar',
    );
    const shape = scaleLogo(bar, 40, 90);
    const upper = shape.matte.slice(0, shape.matte.length / 2).reduce((sum, value) => sum + value, 0);
    const lower = shape.matte.slice(shape.matte.length / 2).reduce((sum, value) => sum + value, 0);
    expect([shape.width, shape.height]).toEqual([20, 40]);
    expect(lower).toBeGreaterThan(10 * Math.max(1, upper));
  });

  it('keeps the colour at faint edges free of the invisible background', async () => {
    const disc = await logoFromBytes(svg('<circle cx="20" cy="10" r="9" fill="#ff8000"/>'), 'disc', 'disc');
    const { matte, ink } = scaleLogo(disc, 30, 30);
    for (let p = 0; p < matte.length; p++) {
      if (matte[p] === 0) continue;
      expect(Math.abs(ink[p * 3] - 255)).toBeLessThanOrEqual(2);
      expect(Math.abs(ink[p * 3 + 1] - 128)).toBeLessThanOrEqual(12);
    }
  });
});

describe('textLogo', () => {
  it('draws white letters from the bundled typeface', async () => {
    const logo = await textLogo('MedLocker 2026');
    expect(logo.width).toBeGreaterThan(logo.height * 4);
    const coverage = logo.matte.reduce((sum, value) => sum + value, 0) / 255 / logo.matte.length;
    expect(coverage).toBeGreaterThan(0.2);
    expect(coverage).toBeLessThan(0.6);
  });

  it.each([
    ['漢字', 'no glyph'],
    ['   ', 'blank'],
  ])('refuses %s', async (text, reason) => {
    await expect(textLogo(text)).rejects.toThrow(reason);
  });
});

describe('renderStamp', () => {
  it('shifts the ink by the texture and cuts at the sample range', async () => {
    const logo = await logoFromBytes(await png([100, 250, 5, 254], 4), 'a', 'a');
    const shape = { ...scaleLogo(logo, 1, 0), ink: Uint8Array.of(100, 250, 5) };
    expect([...renderStamp(shape, 255, Float32Array.of(0.2, 0.2, -0.2)).ink]).toEqual([151, 255, 0]);
  });
});
