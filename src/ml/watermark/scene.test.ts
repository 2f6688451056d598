import { describe, expect, it } from 'vitest';
import { blobGrader } from '../../../test/graders/blob-grader.ts';
import { parsePipeline } from '../imaging/pipelines.ts';
import type { FloatImage } from '../imaging/plane.ts';
import { planResample, resample } from '../imaging/resample.ts';
import { createRandom } from '../random.ts';
import { addResampledChange } from './local-resample.ts';
import { logProbabilityOf, meanPlusVariance, meanPlusVarianceDerivative } from './objective.ts';
import type { Disturbance } from './disturbance.ts';
import { Scene } from './scene.ts';
import { blendWork, type PlacedWorkStamp } from './work-image.ts';

function randomImage(width: number, height: number, seed: number): FloatImage {
  const random = createRandom(seed);
  return {
    width,
    height,
    channels: 3,
    data: Float32Array.from({ length: width * height * 3 }, () => random.next()),
  };
}

const whole = (image: FloatImage) => ({
  image,
  fieldOfView: { x: 0, y: 0, width: image.width, height: image.height },
  scale: 1,
});
const still = { addNoise: () => undefined };

describe('Scene.gradient', () => {
  it.each(['direct', 'resize:30', 'crop:centre', 'resize:50%:bicubic'])(
    'is the derivative of the objective over two surrogates through %s, disturbances included',
    async (pipeline) => {
      const image = randomImage(50, 40, 1);
      const surrogates = [blobGrader(24), blobGrader(20, { centre: [0.3, 0.7], gain: 25 })];
      const scene = await Scene.create(whole(image), surrogates, [parsePipeline(pipeline)], 0);
      const disturbances: Disturbance[] = [
        { pipeline: 0, zoom: 0.9, shiftX: 0.2, shiftY: 0.8, ...still },
        { pipeline: 0, zoom: 1, shiftX: 0, shiftY: 0, ...still },
      ];
      const { gradient } = await scene.gradient(image, disturbances);
      const direction = randomImage(50, 40, 2).data.map((value) => value - 0.5);
      const along = async (step: number): Promise<number> => {
        const moved = { ...image, data: image.data.map((value, i) => value + step * direction[i]) };
        return (await scene.gradient(moved, disturbances)).objective;
      };
      const slope = ((await along(1e-2)) - (await along(-1e-2))) / 2e-2;
      const predicted = gradient.reduce((sum, value, i) => sum + value * direction[i], 0);
      expect(Math.abs(slope)).toBeGreaterThan(1e-4);
      expect(predicted / slope).toBeCloseTo(1, 2);
    },
  );

  it('counts one gradient a surrogate and disturbance, one forward a surrogate and image', async () => {
    const image = randomImage(32, 32, 3);
    const scene = await Scene.create(
      whole(image),
      [blobGrader(16), blobGrader(16)],
      [parsePipeline('direct')],
      null,
    );
    expect(scene.count).toEqual({ forwards: 2, gradients: 0 });
    await scene.score([image, image, image], [0]);
    await scene.gradient(image, [{ pipeline: 0, zoom: 1, shiftX: 0, shiftY: 0, ...still }]);
    expect(scene.count).toEqual({ forwards: 8, gradients: 2 });
  });
});

describe('Scene.score', () => {
  it('equals scoring the changed input that the local path renders', async () => {
    const image = randomImage(60, 45, 4);
    const scene = await Scene.create(whole(image), [blobGrader(24)], [parsePipeline('direct')], 0);
    const size = { width: 9, height: 7 };
    const stamp: PlacedWorkStamp = {
      x: 11,
      y: 20,
      stamp: { ...size, opacity: new Float32Array(63).fill(0.7), ink: new Float32Array(189).fill(1) },
    };
    const view = scene.view(0, 0);
    const [local] = await scene.scoreInputs([[view.renderChange(await view.render(image), image, stamp)]]);
    const [full] = await scene.score([blendWork(image, [stamp])], [0]);
    expect(local.objective).toBeCloseTo(full.objective, 5);
    expect(full.objective).not.toBeCloseTo((await scene.score([image], [0]))[0].objective, 3);
  });
});

describe('addResampledChange', () => {
  it.each([
    [40, 30, 13, 17, 'bilinear'],
    [13, 17, 40, 30, 'bicubic'],
    [40, 30, 40, 30, 'area'],
  ] as const)(
    'equals resampling the whole change, %i x %i to %i x %i %s',
    (width, height, toWidth, toHeight, kernel) => {
      const plan = planResample(width, height, toWidth, toHeight, kernel);
      const base = randomImage(width, height, 5);
      const change = randomImage(6, 5, 6);
      const data = base.data.slice();
      for (let y = 0; y < 5; y++)
        for (let x = 0; x < 18; x++) data[(y + 8) * width * 3 + 7 * 3 + x] += change.data[y * 18 + x];
      const expected = resample(plan, { ...base, data }).data;
      const actual = addResampledChange(plan, resample(plan, base), change, 7, 8).data;
      expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-5);
    },
  );
});

describe('objective', () => {
  it('is mean plus population variance', () => {
    expect(meanPlusVariance([1, 2, 6])).toBeCloseTo(3 + 14 / 3, 12);
  });

  it('has the derivative finite differences give', () => {
    const values = [-0.3, -2, -0.9];
    const derivative = meanPlusVarianceDerivative(values);
    values.forEach((_, k) => {
      const at = (step: number): number =>
        meanPlusVariance(values.map((value, i) => (i === k ? value + step : value)));
      expect(derivative[k]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 7);
    });
  });

  it('does not overflow for large logits', () => {
    expect(logProbabilityOf([1000, 0], 0, 2, 0)).toBeCloseTo(0, 12);
    expect(logProbabilityOf([1000, 0], 0, 2, 1)).toBeCloseTo(-1000, 9);
  });
});
