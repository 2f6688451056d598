import type { Rank } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { findFieldOfView } from '../../../imaging/field-of-view.ts';
import { synthesizeFundus } from '../../../imaging/synthetic-fundus.ts';
import { startTensorFlow, tf } from '../../../runtime/tensorflow.ts';
import { lesionNetwork } from '../lesion-network.ts';
import { lesionLoss } from './lesion-loss.ts';
import { lesionSample, type LesionSample } from './lesion-sample.ts';
import { packVariables } from './network-weights.ts';
import {
  trainLesionNetwork,
  type LesionTrainingSettings,
  type LesionTrainingState,
} from './train-lesion-network.ts';
import { variablesOf } from '../../../models/training/model-variables.ts';

const settings: LesionTrainingSettings = {
  seed: 4,
  steps: 6,
  patchesPerStep: 2,
  patchSide: 48,
  learningRate: 3e-3,
  warmupSteps: 1,
  averageDecay: 0.9,
};
let sample: LesionSample;

beforeAll(async () => {
  await startTensorFlow({ threads: 1 });
  const { raster, lesions, disc } = synthesizeFundus({ grade: 3, seed: 11, size: 256 });
  const { MA, HE, EX, SE } = lesions;
  sample = lesionSample({
    name: 'eye',
    image: raster,
    fieldOfView: findFieldOfView(raster),
    masks: { MA, HE, EX, SE, OD: disc },
  });
});

describe('lesion loss', () => {
  it('equals cross-entropy and Tversky index worked out by hand', () => {
    // One pixel wide and six high, class MA marked on all six with logit 0; the other classes clear, sure (logit -20) and not shown.
    const shape = [1, 6, 1, 5] as const;
    const only = (value: number, others: number) =>
      Array.from({ length: 30 }, (_, i) => (i % 5 === 0 ? value : others));
    const loss = tf.tidy(
      () =>
        lesionLoss(
          tf.tensor4d(only(0, -20), [...shape]),
          tf.tensor4d(only(1, 0), [...shape]),
          tf.ones<Rank.R4>([...shape]),
        ).dataSync()[0],
    );
    // Misses of MA weigh 6; index = (3 + 1) / (3 + 0.65 * 3 + 1).
    expect(loss).toBeCloseTo(6 * Math.LN2 + 1 - 4 / 5.95, 5);
  });

  it('does not look at pixels of weight 0', () => {
    const shape: [number, number, number, number] = [1, 2, 2, 5];
    const [a, b] = [7, -7].map((logit) =>
      tf.tidy(() => lesionLoss(tf.fill(shape, logit), tf.ones(shape), tf.zeros(shape)).dataSync()[0]),
    );
    expect([a, b]).toEqual([0, 0]);
  });
});

describe('training', () => {
  async function run(
    hooks: Parameters<typeof trainLesionNetwork>[3] = {},
    steps = settings.steps,
    more: Partial<LesionTrainingSettings> = {},
  ): Promise<{ losses: number[]; weights: Uint8Array }> {
    const losses: number[] = [];
    const network = lesionNetwork(2);
    const sources = { real: [sample], invented: [], inventedShare: 0 };
    await trainLesionNetwork(
      network,
      sources,
      { ...settings, steps, ...more },
      { ...hooks, every: 1, onReport: ({ loss }) => losses.push(loss) },
    );
    const weights = packVariables(variablesOf(network.weights));
    network.dispose();
    return { losses, weights };
  }

  it('goes on from a saved state to the same weights, and leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    const states: LesionTrainingState[] = [];
    const whole = await run({ onState: (state) => Promise.resolve(void states.push(state)) });
    const resumed = await run({ resume: states[2] });
    expect(tf.memory().numTensors).toBe(before);
    expect(resumed.losses).toEqual(whole.losses.slice(3));
    expect(Buffer.from(resumed.weights).equals(whole.weights)).toBe(true);
  }, 60_000);

  it('lowers the loss', async () => {
    const { losses } = await run({}, 30);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-5))).toBeLessThan(0.9 * mean(losses.slice(0, 5)));
  }, 60_000);

  it('stops at a loss or weights that are not finite, names the photographs, and keeps no ruined state', async () => {
    for (const learningRate of [1e10, 1e38]) {
      const states: LesionTrainingState[] = [];
      const onState = (state: LesionTrainingState) => Promise.resolve(void states.push(state));
      await expect(run({ onState }, 30, { learningRate })).rejects.toMatchObject({
        code: 'job-inconsistent',
        message: expect.stringMatching(/(loss|weights) became .* at step \d+ of 30 \(eye\)/) as string,
      });
      for (const { values } of states) {
        const floats = new Float32Array(Uint8Array.from(values).buffer);
        expect(floats.every(Number.isFinite)).toBe(true);
      }
    }
  }, 60_000);

  it('stops with a reason when there is nothing to learn from, and when it is cancelled', async () => {
    const network = lesionNetwork(1);
    const none = { real: [], invented: [], inventedShare: 0 };
    await expect(trainLesionNetwork(network, none, settings)).rejects.toMatchObject({
      code: 'settings-invalid',
    });
    await expect(run({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    network.dispose();
  });
});
