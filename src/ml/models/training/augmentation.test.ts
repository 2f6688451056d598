import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../random.ts';
import { augment, NO_AUGMENTATION, type AugmentationSettings } from './augmentation.ts';

const side = 5;
const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 37) % 256);

describe('augment', () => {
  it('copies the image as it is when nothing may vary', () => {
    expect(varied(NO_AUGMENTATION, createRandom(1))).toEqual(Array.from(pixels, (v) => Math.fround(v / 255)));
  });

  it('mirrors left and right', () => {
    const mirrored = varied({ ...NO_AUGMENTATION, flip: true }, fixed(0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5));
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        expect(mirrored[(y * side + x) * 3 + 1]).toBeCloseTo(
          pixels[(y * side + side - 1 - x) * 3 + 1] / 255,
          5,
        );
      }
    }
  });

  it('turns by a quarter exactly, about the centre', () => {
    const turned = varied({ ...NO_AUGMENTATION, rotation: 90 }, fixed(0.9, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5));
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        expect(turned[(y * side + x) * 3]).toBeCloseTo(pixels[(x * side + side - 1 - y) * 3] / 255, 5);
      }
    }
  });

  it('shifts brightness, scales contrast about mid-grey, and stays within [0, 1]', () => {
    const flat = new Uint8Array(pixels.length).fill(102);
    const target = new Float32Array(pixels.length);
    const settings = { ...NO_AUGMENTATION, brightness: 0.1, contrast: 0.5 };
    augment(flat, side, settings, fixed(0.9, 0.5, 0.5, 1, 1, 0.5, 0.5, 0.5), target, 0);
    // (0.4 - 0.5) * 1.5 + 0.5 + 0.1
    target.forEach((value) => {
      expect(value).toBeCloseTo(0.45, 5);
    });
    const strong = varied({ ...settings, brightness: 1 }, createRandom(3));
    expect(Math.min(...strong)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...strong)).toBeLessThanOrEqual(1);
  });

  it('keeps a window of the picture that lies anywhere, and fills the picture with it', () => {
    // Columns 0..4 hold their number; half is kept, as far left as it may lie: from -0.5 to 2 in steps of half a column.
    const columns = Uint8Array.from({ length: pixels.length }, (_, i) => 40 * (Math.floor(i / 3) % side));
    const target = new Float32Array(pixels.length);
    const draws = fixed(0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 0, 0.5);
    augment(columns, side, { ...NO_AUGMENTATION, crop: 0.5 }, draws, target, 0);
    // Centre 2 - 1.25 = 0.75; the middle row stays where it is.
    const middle = [0, 1, 2, 3, 4].map((x) => (target[(2 * side + x) * 3] ?? 0) * 255);
    [0, 10, 30, 50, 70].forEach((value, x) => expect(middle[x]).toBeCloseTo(value, 3));
  });

  it('draws equally often whatever may vary, so that one setting does not shift the others', () => {
    const counted = (settings: AugmentationSettings): number => {
      let draws = 0;
      const random = createRandom(1);
      varied(settings, { ...random, next: () => ((draws += 1), random.next()) });
      return draws;
    };
    const all: AugmentationSettings = {
      ...{ flip: true, rotation: 20, zoom: 0.1, crop: 0.2 },
      ...{ brightness: 0.1, contrast: 0.1, colour: 0.1, jpeg: 60 },
    };
    expect(counted(all)).toBe(counted(NO_AUGMENTATION));
  });
});

function varied(settings: AugmentationSettings, random: Random): number[] {
  const target = new Float32Array(pixels.length + 2);
  augment(pixels, side, settings, random, target, 2);
  expect(Array.from(target.subarray(0, 2))).toEqual([0, 0]);
  return Array.from(target.subarray(2));
}

/** Draws in the order mirror, angle, zoom, contrast, brightness, three gains, cut, right, down; 0.5 means no change. */
function fixed(...draws: number[]): Random {
  let index = 0;
  return { ...createRandom(0), next: () => draws[index++] ?? 0.5 };
}
