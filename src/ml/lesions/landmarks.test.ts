import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { needsRealData, realData } from '../../../test/real-data.ts';
import { findFieldOfView } from '../imaging/field-of-view.ts';
import type { Raster } from '../imaging/raster.ts';
import { readImage } from '../imaging/read-image.ts';
import { annotationsFor, loadAnnotations } from './annotations/load-annotations.ts';
import { findLandmarks } from './landmarks.ts';

const drawn = drawRetina();
const field = findFieldOfView(drawn);

describe('findLandmarks', () => {
  it('finds the disc and the fovea of a drawn retina', () => {
    const [disc, fovea] = findLandmarks(drawn, field);
    expect(disc.name).toBe('disc');
    expect(Math.hypot(disc.x - 300, disc.y - 195)).toBeLessThan(15);
    expect(disc.radius).toBeGreaterThan(30);
    expect(fovea.name).toBe('fovea');
    expect(Math.hypot(fovea.x - 150, fovea.y - 210)).toBeLessThan(20);
  });

  it('leaves annotated landmarks to their annotation', () => {
    const disc = { kind: 'box', class: 'OD', box: { x: 270, y: 165, width: 60, height: 60 } } as const;
    const fovea = { kind: 'box', class: 'Fovea', box: { x: 140, y: 200, width: 20, height: 20 } } as const;
    expect(findLandmarks(drawn, field, [disc, fovea])).toEqual([]);
    expect(findLandmarks(drawn, field, [disc]).map((landmark) => landmark.name)).toEqual(['fovea']);
    expect(findLandmarks(drawn, field, [fovea]).map((landmark) => landmark.name)).toContain('disc');
  });

  it('is unsure, and protects more places with wider circles, where nothing looks like a disc', () => {
    const blank = drawRetina({ featureless: true });
    const discs = findLandmarks(blank, findFieldOfView(blank)).filter((landmark) => landmark.name === 'disc');
    expect(discs).toHaveLength(2);
    expect(discs[0].confidence).toBeLessThan(0.5);
    expect(discs[0].radius).toBeGreaterThan(findLandmarks(drawn, field)[0].radius);
  });
});

describe.skipIf(realData === null)(`real optic discs (${needsRealData})`, () => {
  it(
    'of 14 IDRiD images: every centre inside the true disc, at least 95 % of it covered',
    { timeout: 120_000 },
    async () => {
      const folder = join(realData?.images ?? '', 'idrid_seg');
      const source = await loadAnnotations(folder);
      for (let number = 1; number <= 14; number++) {
        const name = `IDRiD_${String(number).padStart(2, '0')}.jpg`;
        const { raster } = await readImage(join(folder, name));
        const [disc] = findLandmarks(raster, findFieldOfView(raster));
        const found = await annotationsFor(source, name, raster.width, raster.height);
        const truth = found.kind === 'annotated' && found.regions.find((region) => region.class === 'OD');
        if (!truth || truth.kind !== 'mask') throw new Error(`${name} has no disc mask`);
        const { width, data } = truth.mask;
        let covered = 0;
        let area = 0;
        data.forEach((value, index) => {
          if (value === 0) return;
          area++;
          if (Math.hypot((index % width) - disc.x, Math.floor(index / width) - disc.y) <= disc.radius)
            covered++;
        });
        expect(data[disc.y * width + disc.x], name).toBe(1);
        expect(covered / area, name).toBeGreaterThan(0.95);
      }
    },
  );
});

/** 400x400: reddish field of radius 190, disc at (300, 195), vessels from it, a dark fovea at (150, 210). */
function drawRetina({ featureless = false } = {}): Raster {
  const size = 400;
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (Math.hypot(x - 200, y - 200) > 190) continue;
      // Fixed grain, so that the picture is not perfectly smooth.
      const grain = ((x * 7919 + y * 104_729) % 17) - 8;
      const spot = (cx: number, cy: number, r: number) =>
        Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * r * r));
      const disc = featureless ? 0 : 80 * spot(300, 195, 18);
      const fovea = featureless ? 0 : 35 * spot(150, 210, 22);
      const bow = Math.abs(Math.abs(y - 195) - 0.45 * Math.sqrt(Math.max(0, 300 - x) * 160));
      const vessel = !featureless && x < 300 && bow < 3 && Math.hypot(x - 300, y - 195) > 10 ? 40 : 0;
      const at = 3 * (y * size + x);
      data[at] = 150 + disc - fovea - vessel / 2 + grain;
      data[at + 1] = 80 + disc - fovea - vessel + grain;
      data[at + 2] = 40 + disc / 2 + grain;
    }
  }
  return { width: size, height: size, channels: 3, bitDepth: 8, data };
}
