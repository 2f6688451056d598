import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { varyCamera } from './camera-variation.ts';
import { standardiseChannels } from './channel-standardisation.ts';
import type { View } from './viewpoint.ts';

const SIDE = 64;

/** A round field of noise, black around. */
function noisyView(seed: number): View {
  const random = createRandom(seed);
  const field = Float32Array.from({ length: SIDE * SIDE }, (_, p) =>
    Math.hypot((p % SIDE) - 31.5, Math.floor(p / SIDE) - 31.5) < 28 ? 1 : 0,
  );
  const colours = Float32Array.from(
    { length: SIDE * SIDE * 3 },
    (_, i) => field[Math.floor(i / 3)] * (0.3 + 0.1 * (i % 3) + 0.05 * random.normal()),
  );
  return { side: SIDE, colours, field, cells: new Uint8Array((SIDE / 4) ** 2) };
}

function moments({ colours, field }: View, channel: number): { mean: number; deviation: number } {
  const values = Array.from(field.keys())
    .filter((p) => field[p] === 1)
    .map((p) => colours[p * 3 + channel]);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe('camera variation', () => {
  it('gives every channel of the field the same mean and deviation, whatever they were', () => {
    const view = noisyView(3);
    standardiseChannels(view, createRandom(1));
    const [red, green, blue] = [0, 1, 2].map((channel) => moments(view, channel));
    for (const channel of [red, green, blue]) {
      expect(channel.mean).toBeCloseTo(red.mean, 5);
      expect(channel.deviation).toBeCloseTo(red.deviation, 5);
      expect(Math.abs(channel.mean - 0.52)).toBeLessThan(0.06);
      expect(Math.abs(channel.deviation - 0.28)).toBeLessThan(0.08);
    }
  });

  it('keeps samples in range and the surround black, for any camera', () => {
    for (let seed = 0; seed < 12; seed++) {
      const view = noisyView(seed);
      varyCamera(view, createRandom(seed));
      expect(view.colours.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(view.colours[0] + view.colours[1] + view.colours[2]).toBe(0);
      expect(view.colours.some((value) => value > 0.05)).toBe(true);
    }
  });
});
