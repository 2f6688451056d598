import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../random.ts';
import { bindingIsInstalled, startTensorFlow, tf } from '../../runtime/tensorflow.ts';
import { NO_AUGMENTATION } from './augmentation.ts';
import { imagesInMemory, type LabelledImages } from './labelled-images.ts';
import { ADAMW } from './optimisers.ts';
import { train, type EpochReport, type TrainingSettings } from './train.ts';
import { readTrainingState, writeTrainingState, type TrainingState } from './training-state.ts';

const side = 8;
const settings: TrainingSettings = {
  seed: 4,
  epochs: 3,
  batchSize: 8,
  optimiser: ADAMW,
  learningRate: 0.02,
  warmupEpochs: 0.5,
  labelSmoothing: 0.05,
  balance: 1,
  averageDecay: 0.9,
  augmentation: { ...NO_AUGMENTATION, flip: true, brightness: 0.05 },
};
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-'));
  if (bindingIsInstalled()) await startTensorFlow();
});
afterAll(() => rm(folder, { recursive: true }));

describe('train', () => {
  it('learns classes that colour tells apart, and reports every epoch', async () => {
    const model = network();
    const reports = await train(model, colours(48, 1), colours(30, 2), { ...settings, epochs: 6 });
    expect(reports.map((report) => report.epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(reports[5].loss).toBeLessThan(reports[0].loss);
    expect(reports[5].validation).toMatchObject({ n: 30, accuracy: 1, kappa: 1 });
  });

  it('repeats itself for a seed, and differs for another', async () => {
    const run = async (seed: number): Promise<number[]> =>
      (await train(network(), colours(24, 1), colours(12, 2), { ...settings, seed })).map((r) => r.loss);
    const first = await run(4);
    expect(await run(4)).toEqual(first);
    expect(await run(5)).not.toEqual(first);
  });

  it('leaves no tensor behind, neither in a step nor at its end', async () => {
    const model = network();
    const before = tf.memory().numTensors;
    const counts: number[] = [];
    await train(model, colours(24, 1), colours(12, 2), settings, {
      onEpoch: () => void counts.push(tf.memory().numTensors),
    });
    expect(new Set(counts).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes on from a saved state as if it had not stopped', async () => {
    const path = join(folder, 'state');
    const whole = await train(network(), colours(24, 1), colours(12, 2), settings);

    const stop = new AbortController();
    const interrupted = train(network(), colours(24, 1), colours(12, 2), settings, {
      signal: stop.signal,
      onState: async (state) => {
        await writeTrainingState(state, path);
        if (state.epochs === 2) stop.abort();
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'cancelled' });

    const resume = await readTrainingState(path);
    const model = network();
    const rest = await train(model, colours(24, 1), colours(12, 2), settings, { resume });
    const comparable = ({ seconds: _, waitSeconds: __, ...report }: EpochReport): object => report;
    expect(rest.map(comparable)).toEqual(whole.slice(2).map(comparable));
  });

  it('stops at a loss that is not finite and names the batch', async () => {
    const model = network();
    const before = tf.memory().numTensors;
    const [kernel] = model.getWeights();
    model.layers[1].setWeights([tf.fill(kernel.shape, 1e38), tf.zeros([6])]);
    await expect(train(model, colours(24, 1), colours(12, 2), settings)).rejects.toMatchObject({
      code: 'job-inconsistent',
      message: expect.stringMatching(/the loss became NaN in epoch 1, batch 1 \(image \d+, /) as string,
    });
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 2);
  });

  it('keeps no state of weights that the last step of an epoch ruined', async () => {
    const states: number[] = [];
    const huge = { ...settings, batchSize: 24, learningRate: 1e38, warmupEpochs: 0, averageDecay: 0 };
    const optimiser = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } as const;
    const training = train(
      network(),
      colours(24, 1),
      colours(12, 2),
      { ...huge, optimiser },
      { onState: ({ epochs }) => void states.push(epochs) },
    );
    await expect(training).rejects.toMatchObject({
      code: 'job-inconsistent',
      message: expect.stringMatching(/validation images became NaN after epoch 1/) as string,
    });
    expect(states).toEqual([]);
  });

  it('takes the same path in one part and in several, where no layer looks at the whole batch', async () => {
    const run = async (parts: number): Promise<number[]> =>
      (await train(plainNetwork(), colours(24, 1), colours(12, 2), { ...settings, balance: 0, parts })).map(
        (report) => report.loss,
      );
    const whole = await run(1);
    for (const parts of [2, 3]) {
      (await run(parts)).forEach((loss, i) => expect(loss).toBeCloseTo(whole[i], 4));
    }
  });

  it('computes batches in more parts, and says so, where memory is short', async () => {
    const model = plainNetwork();
    const run = model.apply.bind(model);
    model.apply = (x, kwargs) => {
      const short = kwargs?.['training'] === true && (x as Tensor).shape[0] > 3;
      if (short) throw new Error('OOM when allocating tensor with shape[8,8,8,3]');
      return run(x, kwargs);
    };
    const before = tf.memory().numTensors;
    const notes: string[] = [];
    const onNote = (note: string): void => void notes.push(note);
    const reports = await train(model, colours(24, 1), colours(12, 2), settings, { onNote });
    const whole = await train(plainNetwork(), colours(24, 1), colours(12, 2), settings);
    expect(notes.map((note) => /in (\d+) parts/.exec(note)?.[1])).toEqual(['2', '4']);
    expect(reports[2].loss).toBeCloseTo(whole[2].loss, 4);
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 8);
  });

  it('starts with more parts, and says so, where memory would not suffice, and takes the same path', async () => {
    const run = async (room: number, notes: string[] = []): Promise<EpochReport[]> =>
      train(plainNetwork(), colours(24, 1), colours(12, 2), settings, {
        availableMemory: () => 2 ** 28 + room,
        onNote: (note) => void notes.push(note),
      });
    const [none, some]: [string[], string[]] = [[], []];
    const whole = await run(1e9, none);
    // An image and its convolution alone are 1,800 bytes.
    const parted = await run(5000, some);
    expect(none).toEqual([]);
    expect(some).toEqual([
      expect.stringMatching(
        /^memory is short \(.* GB needed, 0\.0 GB free\): batches of 8 are computed in [48] parts/,
      ),
    ]);
    expect(whole.map(({ parts }) => parts)).toEqual([1, 1, 1]);
    expect(parted[0].parts).toBeGreaterThan(2);
    parted.forEach(({ loss }, i) => expect(loss).toBeCloseTo(whole[i].loss, 4));
  });

  it('measures memory without leaving a trace in the model', async () => {
    const run = async (available: number): Promise<object[]> =>
      (
        await train(network(), colours(24, 1), colours(12, 2), settings, { availableMemory: () => available })
      ).map(({ seconds: _, waitSeconds: __, ...report }) => report);
    expect(await run(1e10)).toEqual(await run(Infinity));
  });

  it('goes on in the parts it had, also where there is more memory', async () => {
    const path = join(folder, 'parted');
    const short = { availableMemory: () => 2 ** 28 + 5000 };
    const whole = await train(network(), colours(24, 1), colours(12, 2), settings, short);
    await train(network(), colours(24, 1), colours(12, 2), settings, {
      ...short,
      onState: (state) => writeTrainingState(state, path),
      isEnough: () => true,
    });
    const resume = await readTrainingState(path);
    const rest = await train(network(), colours(24, 1), colours(12, 2), settings, { resume });
    expect(rest.map(({ loss, parts }) => [loss, parts])).toEqual(
      whole.slice(1).map(({ loss, parts }) => [loss, parts]),
    );
  });

  it('stops when told to, and trains on what `perturb` makes of the images', async () => {
    const black = (x: Tensor4D): Promise<Tensor4D> => Promise.resolve(tf.zerosLike(x));
    const reports = await train(network(), colours(24, 1), colours(12, 2), settings, {
      perturb: black,
      isEnough: ({ epoch }) => epoch === 2,
    });
    expect(reports).toHaveLength(2);
    // Without colours the three classes cannot be told apart.
    expect(reports[1].loss).toBeGreaterThan(1);
  });

  it('leaves a trunk as it is at rate 0, running statistics and all, and trains the last layer', async () => {
    const model = network();
    const weights = (): number[][][] =>
      model.layers.map((layer) => layer.getWeights().map((weight) => Array.from(weight.dataSync())));
    const before = weights();
    await train(model, colours(24, 1), colours(12, 2), { ...settings, trunkRate: 0 });
    const after = weights();
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
    expect(after.at(-1)).not.toEqual(before.at(-1));
  });

  it('refuses a set smaller than a batch, a state of another model and a damaged state', async () => {
    await expect(train(network(), colours(6, 1), colours(6, 2), settings)).rejects.toThrow(
      /do not fill a batch/,
    );

    const path = join(folder, 'other');
    await train(
      network(),
      colours(24, 1),
      colours(6, 2),
      { ...settings, epochs: 1 },
      {
        onState: (state: TrainingState) => writeTrainingState(state, path),
      },
    );
    const resume = await readTrainingState(path);
    const wider = network(7);
    await expect(train(wider, colours(24, 1), colours(6, 2), settings, { resume })).rejects.toThrow(
      /does not fit/,
    );

    const bytes = await readFile(path);
    for (const damaged of [
      bytes.subarray(0, -1),
      bytes.subarray(0, 10),
      bytes.subarray(0, 60),
      Buffer.alloc(0),
    ]) {
      await writeFile(join(folder, 'damaged'), damaged);
      await expect(readTrainingState(join(folder, 'damaged'))).rejects.toMatchObject({
        code: 'job-inconsistent',
      });
    }
    await expect(readTrainingState(join(folder, 'absent'))).rejects.toThrow(/cannot be read/);
  });
});

describe('imagesInMemory', () => {
  it('refuses labels out of range and pixels that do not fit', () => {
    expect(() => imagesInMemory(2, 3, [3], new Uint8Array(12))).toThrow(/label 3/);
    expect(() => imagesInMemory(2, 3, [0, 1], new Uint8Array(12))).toThrow(/12 samples for 2 images/);
  });
});

function network(width = 6): LayersModel {
  const { layers, initializers } = tf;
  const init = (seed: number) => initializers.glorotNormal({ seed });
  return tf.sequential({
    layers: [
      layers.rescaling({ scale: 4, offset: -2, inputShape: [side, side, 3] }),
      layers.conv2d({ filters: width, kernelSize: 3, strides: 2, kernelInitializer: init(1) }),
      layers.batchNormalization({ momentum: 0.8 }),
      layers.reLU(),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 3, kernelInitializer: init(2) }),
    ],
  });
}

/** Without batch statistics, so that parts of a batch add up to the whole. */
function plainNetwork(): LayersModel {
  const { layers, initializers } = tf;
  const init = (seed: number) => initializers.glorotNormal({ seed });
  return tf.sequential({
    layers: [
      layers.conv2d({
        filters: 6,
        kernelSize: 3,
        strides: 2,
        kernelInitializer: init(1),
        inputShape: [side, side, 3],
      }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 3, kernelInitializer: init(2) }),
    ],
  });
}

/** Images of noise around one of three colours. */
function colours(count: number, seed: number): LabelledImages {
  const random = createRandom(seed);
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 3);
  const pixels = Uint8Array.from({ length: count * side * side * 3 }, (_, i) => {
    const image = Math.floor(i / (side * side * 3));
    return (i % 3 === labels[image] ? 150 : 90) + random.integer(60);
  });
  return imagesInMemory(side, 3, labels, pixels);
}
