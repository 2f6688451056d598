import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BinaryMask } from './plane.ts';
import { synthesizeFundus } from './synthetic-fundus.ts';
import type {
  Appearance,
  Grade,
  LesionClass,
  SyntheticFundus,
  SyntheticFundusRequest,
} from './synthetic-fundus.ts';

const grades: readonly Grade[] = [0, 1, 2, 3, 4];
const classes: readonly LesionClass[] = ['MA', 'HE', 'EX', 'SE', 'NV', 'PH'];
const count = (mask: BinaryMask): number => mask.data.reduce((sum, v) => sum + v, 0);
const digest = ({ raster }: SyntheticFundus): string =>
  createHash('sha256').update(raster.data).digest('hex');

function meanOf({ raster }: SyntheticFundus, mask: BinaryMask, channel: number): number {
  let sum = 0;
  for (let p = 0; p < mask.data.length; p++) if (mask.data[p] === 1) sum += raster.data[3 * p + channel];
  return sum / count(mask);
}

describe('synthesizeFundus', () => {
  it('is the same picture for the same request and another for another seed, grade or size', () => {
    const base = { grade: 2 as const, seed: 5, size: 96 };
    const prints = [base, { ...base, seed: 6 }, { ...base, grade: 3 as const }, { ...base, size: 97 }].map(
      (r) => digest(synthesizeFundus(r)),
    );
    expect(digest(synthesizeFundus(base))).toBe(prints[0]);
    expect(new Set(prints).size).toBe(4);
  });

  it('shows the same eye at every size', () => {
    const small = synthesizeFundus({ grade: 3, seed: 8, size: 96 });
    const large = synthesizeFundus({ grade: 3, seed: 8, size: 384 });
    expect(large.fovea.x / 384).toBeCloseTo(small.fovea.x / 96, 1);
    expect(count(large.disc) / count(small.disc) / 16).toBeCloseTo(1, 0);
  });

  it('shows the lesions of its grade and no others', () => {
    const expected: Readonly<Record<Grade, readonly [LesionClass[], LesionClass[]]>> = {
      // Classes that always show, classes that never show.
      0: [[], [...classes]],
      1: [['MA'], ['HE', 'EX', 'SE', 'NV', 'PH']],
      2: [
        ['MA', 'HE', 'EX'],
        ['NV', 'PH'],
      ],
      3: [
        ['MA', 'HE', 'SE'],
        ['NV', 'PH'],
      ],
      4: [['MA', 'HE', 'NV'], []],
    };
    for (const grade of grades) {
      for (let seed = 0; seed < 4; seed++) {
        const { lesions } = synthesizeFundus({ grade, seed: seed * 7 + grade, size: 224 });
        for (const name of expected[grade][0])
          expect(count(lesions[name]), `grade ${grade} ${name}`).toBeGreaterThan(0);
        for (const name of expected[grade][1]) expect(count(lesions[name]), `grade ${grade} ${name}`).toBe(0);
      }
    }
  });

  it('gives a severe eye haemorrhages in all four quadrants', () => {
    const { lesions } = synthesizeFundus({ grade: 3, seed: 2, size: 256 });
    const quadrants = new Set<number>();
    lesions.HE.data.forEach((v, p) => {
      if (v === 1) quadrants.add((p % 256 < 128 ? 0 : 1) + (Math.floor(p / 256) < 128 ? 0 : 2));
    });
    expect(quadrants.size).toBe(4);
  });

  it('paints a bright disc, a dark fovea and a red retina in a black surround', () => {
    for (let seed = 0; seed < 6; seed++) {
      const eye = synthesizeFundus({ grade: 0, seed, size: 192 });
      const { mask } = eye.fieldOfView;
      const fovea = ring(192, eye.fovea, 0, 0.5);
      const around = ring(192, eye.fovea, 1.8, 2.4);
      const outside = { ...mask, data: mask.data.map((v) => 1 - v) };
      expect(meanOf(eye, eye.disc, 1)).toBeGreaterThan(1.2 * meanOf(eye, mask, 1));
      expect(meanOf(eye, fovea, 1)).toBeLessThan(0.92 * meanOf(eye, around, 1));
      expect(meanOf(eye, mask, 0)).toBeGreaterThan(1.4 * meanOf(eye, mask, 2));
      expect(meanOf(eye, outside, 1)).toBeLessThan(6);
    }
  });

  it('keeps every mask inside the field and its fields consistent', () => {
    const { lesions, fieldOfView, disc } = synthesizeFundus({ grade: 4, seed: 3, size: 200 });
    for (const mask of [...Object.values(lesions), disc]) {
      expect(mask.data.every((v, p) => v <= fieldOfView.mask.data[p])).toBe(true);
    }
    expect(count(fieldOfView.mask)).toBe(fieldOfView.area);
  });

  it('paints exudates brighter and haemorrhages darker than what is around them', () => {
    const { raster, lesions, fieldOfView } = synthesizeFundus({ grade: 2, seed: 12, size: 320 });
    const eye = { raster, lesions, fieldOfView } as SyntheticFundus;
    expect(meanOf(eye, lesions.EX, 1)).toBeGreaterThan(meanOf(eye, fieldOfView.mask, 1) * 1.25);
    expect(meanOf(eye, lesions.HE, 1)).toBeLessThan(meanOf(eye, fieldOfView.mask, 1) * 0.75);
  });

  it('says where the vessels are: darker than their surroundings and a plausible part of the field', () => {
    const eye = synthesizeFundus({ grade: 0, seed: 21, size: 320 });
    const share = count(eye.vessels) / eye.fieldOfView.area;
    expect(share).toBeGreaterThan(0.04);
    expect(share).toBeLessThan(0.2);
    expect(meanOf(eye, eye.vessels, 1)).toBeLessThan(0.8 * meanOf(eye, eye.fieldOfView.mask, 1));
  });

  it('hides lesions and vessels as the appearance says, and nothing else', () => {
    const faint: Appearance = {
      lesionAmount: 0.3,
      lesionSize: 0.8,
      lesionStrength: 0.9,
      vesselStrength: 0.7,
      twigs: 0.2,
    };
    const plain = synthesizeFundus({ grade: 3, seed: 6, size: 320 });
    const eye = synthesizeFundus({ grade: 3, seed: 6, size: 320, appearance: faint });
    expect(count(eye.lesions.HE)).toBeLessThan(0.5 * count(plain.lesions.HE));
    expect(count(eye.lesions.HE)).toBeGreaterThan(0);
    expect(count(eye.vessels)).toBeLessThan(0.9 * count(plain.vessels));
    expect(eye.disc.data).toEqual(plain.disc.data);
    expect(eye.fovea).toEqual(plain.fovea);
  });

  it('draws both eyes and both extremes of size', () => {
    const sides = Array.from({ length: 12 }, (_, seed) => {
      const { disc } = synthesizeFundus({ grade: 0, seed, size: 64 });
      return disc.data.indexOf(1) % 64 < 32;
    });
    expect(new Set(sides).size).toBe(2);
    expect(synthesizeFundus({ grade: 4, seed: 1, size: 2048 }).raster.data).toHaveLength(2048 * 2048 * 3);
  });

  it.each([
    { grade: 5 as Grade },
    { size: 63 },
    { size: 2049 },
    { size: 100.5 },
    { seed: -1 },
    { seed: Number.NaN },
  ])('refuses %j', (change) => {
    const request: SyntheticFundusRequest = { grade: 1, seed: 1, size: 128, ...change };
    expect(() => synthesizeFundus(request)).toThrow(RangeError);
  });
});

/** Pixels between two multiples of the spot's radius. */
function ring(size: number, spot: SyntheticFundus['fovea'], inner: number, outer: number): BinaryMask {
  const data = new Uint8Array(size * size);
  for (let p = 0; p < data.length; p++) {
    const distance = Math.hypot((p % size) - spot.x, Math.floor(p / size) - spot.y) / spot.radius;
    if (distance >= inner && distance <= outer) data[p] = 1;
  }
  return { width: size, height: size, data };
}
