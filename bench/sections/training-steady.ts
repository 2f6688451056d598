import { loadavg } from 'node:os';
import type { Rank } from '@tensorflow/tfjs-core';
import { architectures } from '../../src/ml/models/architectures/architectures.ts';
import { imagesInMemory, type LabelledImages } from '../../src/ml/models/training/labelled-images.ts';
import { ADAMW } from '../../src/ml/models/training/optimisers.ts';
import { train } from '../../src/ml/models/training/train.ts';
import { averageWeights } from '../../src/ml/models/training/weight-average.ts';
import { startTensorFlow, tf } from '../../src/ml/runtime/tensorflow.ts';
import type { BenchRow, BenchSection } from '../harness.ts';
import { summarize } from '../measure.ts';
import { trainingStep } from '../training-step.ts';

const CLASSES = 5;
const STEPS = 500;
/** Measured this often; the first hundred steps fill what libraries keep. */
const EVERY = 50;
const SETTLED = 100;
const BATCH = 8;
const EPOCHS = 3;

export const section: BenchSection = {
  name: 'training-steady',
  question: 'Does a training step wait for images, and does memory grow over 500 of them?',
  async run({ threads, say }) {
    const before = loadavg()[0];
    await startTensorFlow({ threads });
    const rows = [await waiting(say), ...memory(say)];
    return {
      rows,
      notes: [
        `${threads} threads; load of the machine over the last minute: ${before.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after`,
        `Waiting: ResNet-18, 224 px, batch ${BATCH}, ${EPOCHS} epochs of 10 steps of medlocker's own training loop on images of noise, varied as by --augmentation strong (flip, rotation, zoom, crop, colour, JPEG).`,
        `Memory: ResNet-18, 64 px, batch 16, AdamW with a weight average, every ${EVERY}th of ${STEPS} steps; the figure is the last one's over the one after ${SETTLED} steps.`,
      ],
    };
  },
};

async function waiting(say: (line: string) => void): Promise<BenchRow> {
  const model = architectures.resnet18({ inputSize: 224, classes: CLASSES, seed: 1 });
  const shares: number[] = [];
  await train(
    model,
    noise(224, 10 * BATCH),
    noise(224, BATCH),
    {
      ...{ seed: 1, epochs: EPOCHS, batchSize: BATCH, optimiser: ADAMW, learningRate: 1e-4, warmupEpochs: 0 },
      ...{ labelSmoothing: 0.05, balance: 0.5, averageDecay: 0.99 },
      augmentation: {
        ...{ flip: true, rotation: 30, zoom: 0.15, crop: 0.1 },
        ...{ brightness: 0.08, contrast: 0.2, colour: 0.1, jpeg: 60 },
      },
    },
    {
      onEpoch: ({ waitSeconds, seconds }) => {
        shares.push(waitSeconds / seconds);
        say(`waited ${waitSeconds.toFixed(2)} of ${seconds.toFixed(1)} s`);
      },
    },
  );
  tf.disposeVariables();
  const { n, median, min, max } = summarize(shares);
  return {
    ...{ what: 'share of a step that waits for images', n, value: median, low: min, high: max },
    ...{ spread: 'range', unit: '', target: { atMost: 0.05 } },
  };
}

function memory(say: (line: string) => void): BenchRow[] {
  const model = architectures.resnet18({ inputSize: 64, classes: CLASSES, seed: 1 });
  const step = trainingStep(model, ADAMW, 1e-4);
  const average = averageWeights(model, 0.99);
  const resident: number[] = [];
  const tensors: number[] = [];
  for (let done = 1; done <= STEPS; done++) {
    const x = tf.randomUniform<Rank.R4>([16, 64, 64, 3], 0, 1, 'float32', done);
    step(x);
    average.update();
    x.dispose();
    if (done % EVERY !== 0) continue;
    resident.push(process.memoryUsage.rss() / 2 ** 20);
    tensors.push(tf.memory().numTensors);
    say(`step ${done}: ${resident.at(-1)?.toFixed(0) ?? ''} MiB, ${tensors.at(-1) ?? ''} tensors`);
  }
  tf.disposeVariables();
  const from = SETTLED / EVERY - 1;
  return [
    ratioOver('resident memory', resident.slice(from), 1.05, 'MiB'),
    ratioOver('tensors', tensors.slice(from), 1, 'tensors'),
  ];
}

function ratioOver(what: string, values: readonly number[], atMost: number, unit: string): BenchRow {
  const [first] = values;
  const ratios = values.slice(1).map((value) => value / first);
  const { n, min, max } = summarize(ratios);
  return {
    what: `${what} after ${STEPS} steps, of that after ${SETTLED}`,
    n,
    value: ratios.at(-1) ?? Number.NaN,
    ...{ low: min, high: max, spread: 'range', unit: 'x', target: { atMost } },
    details: { first: `${first.toFixed(0)} ${unit}`, last: `${values.at(-1)?.toFixed(0) ?? ''} ${unit}` },
  };
}

function noise(side: number, count: number): LabelledImages {
  const pixels = Uint8Array.from({ length: count * side * side * 3 }, (_, i) => (i * 7919) % 251);
  return imagesInMemory(
    side,
    CLASSES,
    Array.from({ length: count }, (_, i) => i % CLASSES),
    pixels,
  );
}
