import { describe, expect, it } from 'vitest';

import type { Raster } from '../imaging/raster.ts';
import type { ExplainableClassifier } from '../models/classifier.ts';
import { tf } from '../runtime/tensorflow.ts';
import { gradCamZone } from './grad-cam-zone.ts';

const image: Raster = {
  width: 40,
  height: 20,
  channels: 3,
  bitDepth: 8,
  data: new Uint8Array(2400).fill(128),
};

describe('gradCamZone', () => {
  it('scales the map to 0..1, enlarges it bilinearly and keeps what lies above the level', async () => {
    const zone = await gradCamZone(seeing([2, 2, 2, 6]), image, 3, { level: 127.5 });
    // Bilinear between cell centres 10 and 30: columns 0..9.5 hold 0, 29.5.. hold 1; rows likewise between 5 and 15.
    const heat = (x: number, y: number) => ramp(x, 9.5, 29.5) * ramp(y, 4.5, 14.5);
    for (const [x, y] of [
      [0, 0],
      [20, 10],
      [25, 12],
      [39, 19],
    ]) {
      expect(zone.heat.data[y * 40 + x]).toBeCloseTo(heat(x, y), 5);
      expect(zone.mask.data[y * 40 + x]).toBe(heat(x, y) > 0.5 ? 1 : 0);
    }
    expect(zone.peak.x).toBeGreaterThanOrEqual(30);
    expect(zone.peak.y).toBeGreaterThanOrEqual(15);
    expect(zone.source).toEqual({ kind: 'grad-cam', model: 'toy', threshold: 127.5 });
  });

  it('protects less at a higher level', async () => {
    const areas = [];
    for (const level of [110, 130, 150, 170]) {
      const { mask } = await gradCamZone(seeing([0, 1, 3, 9]), image, 0, { level });
      areas.push(mask.data.reduce((sum, value) => sum + value, 0));
    }
    expect(areas).toEqual([...areas].sort((a, b) => b - a));
    expect(areas[0]).toBeGreaterThan(areas[3]);
  });

  it('keeps about the hottest fraction when asked for one', async () => {
    const { mask } = await gradCamZone(seeing([0, 4, 1, 9]), image, 0, { topFraction: 0.15 });
    expect(mask.data.reduce((sum, value) => sum + value, 0) / 800).toBeCloseTo(0.15, 1);
  });

  it('marks nothing and points to the centre when the map is flat', async () => {
    const zone = await gradCamZone(seeing([0, 0, 0, 0]), image, 0, { topFraction: 0.15 });
    expect(zone).toMatchObject({ flat: true, peak: { x: 20, y: 10 } });
    expect(zone.mask.data.some((value) => value === 1)).toBe(false);
  });

  it('refuses maps that are not finite and thresholds out of range', async () => {
    await expect(gradCamZone(seeing([0, NaN, 0, 0]), image, 0, { level: 110 })).rejects.toThrow('not finite');
    await expect(gradCamZone(seeing([0, 1, 2, 3]), image, 0, { level: 300 })).rejects.toThrow(RangeError);
    await expect(gradCamZone(seeing([0, 1, 2, 3]), image, 0, { topFraction: -1 })).rejects.toThrow(
      RangeError,
    );
  });

  it('leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    await gradCamZone(seeing([0, 1, 2, 3]), image, 0, { level: 110 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** A grader of 16x16 inputs whose Grad-CAM map is given, 2x2. */
function seeing(map: readonly number[]): ExplainableClassifier {
  const unused = () => Promise.reject(new Error('not part of this test'));
  return {
    spec: { id: '0', name: 'toy', kind: 'tfjs', inputHeight: 16, inputWidth: 16, classes: 5, device: 'none' },
    logits: unused,
    inputGradient: unused,
    gradCam: (x) => {
      expect(x.shape).toEqual([1, 16, 16, 3]);
      return Promise.resolve(tf.tensor3d([...map], [1, 2, 2]));
    },
    dispose: () => undefined,
  };
}

function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
