import { availableParallelism, loadavg } from 'node:os';
import type { Rank, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { architectures } from '../../src/ml/models/architectures/architectures.ts';
import { fuseInference } from '../../src/ml/models/fused-inference.ts';
import { startTensorFlow, tf } from '../../src/ml/runtime/tensorflow.ts';
import type { BenchRow, BenchSection } from '../harness.ts';
import { summarize, type Summary } from '../measure.ts';
import { openPeer, type Peer } from '../peer.ts';
import { trainingStep } from '../training-step.ts';

const ROUNDS = 11;
const CLASSES = 5;
const SGD = { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 1e-4 } as const;
const answerSchema = z.object({ milliseconds: z.array(z.number()), processor: z.array(z.number()) });

interface Case {
  readonly model: 'resnet18' | 'cifar-resnet18';
  readonly side: number;
  readonly batch: number;
  readonly work: 'step' | 'forward';
  readonly atMost: number;
}

const cases: readonly Case[] = [
  { model: 'resnet18', side: 224, batch: 8, work: 'forward', atMost: 1.1 },
  { model: 'resnet18', side: 224, batch: 8, work: 'step', atMost: 1.5 },
  { model: 'cifar-resnet18', side: 64, batch: 16, work: 'step', atMost: 1.5 },
];

export const section: BenchSection = {
  name: 'training-speed',
  question: "How long does a training step take, as a ratio to PyTorch's time (CPU, channels-last)?",
  async run({ threads, say }) {
    const before = loadavg()[0];
    const runtime = await startTensorFlow({ threads });
    const peer = await openPeer('torch_training.py', [String(threads)]);
    try {
      const rows: BenchRow[] = [];
      for (const each of cases) {
        const row = await compare(each, peer, say);
        rows.push(row);
        say(`${row.what}: ${row.value.toFixed(2)}`);
      }
      return {
        rows,
        notes: [
          `${ROUNDS} rounds in turns, each one's ratio, ${threads} threads; libtensorflow ${runtime.libtensorflow}, ${runtime.device}; peer ${JSON.stringify(peer.greeting)}`,
          `load of the machine over the last minute: ${before.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after, on ${availableParallelism()} cores`,
          'A step is forward, cross-entropy, backward and SGD with Nesterov momentum. Processor time counts all threads: on a busy machine it disturbs less than the clock, but for threads that wait by spinning.',
        ],
      };
    } finally {
      peer.close();
    }
  },
};

async function compare(
  { model: name, side, batch, work, atMost }: Case,
  peer: Peer,
  say: (line: string) => void,
): Promise<BenchRow> {
  const model = architectures[name]({ inputSize: side, classes: CLASSES, seed: 1 });
  const x = tf.randomUniform<Rank.R4>([batch, side, side, 3], 0, 1, 'float32', 1);
  const run = work === 'forward' ? forwardOf(model, x) : stepOf(model, x);
  const request = { model: name, side, batch, work, runs: 1 };
  const ours: Taken[] = [];
  const theirs: Taken[] = [];
  const turns = [
    () => void ours.push(taken(run)),
    async () => {
      const { milliseconds, processor } = await peer.ask(request, answerSchema);
      theirs.push({ clock: milliseconds[0] ?? Number.NaN, processor: processor[0] ?? Number.NaN });
    },
  ];
  // The optimiser makes its memory in the first step; libraries choose their kernels there.
  for (let warmUp = 0; warmUp < 2; warmUp++) for (const turn of turns) await turn();
  ours.length = theirs.length = 0;
  const tensors = tf.memory().numTensors;
  for (let round = 0; round < ROUNDS; round++) {
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
    say(`${name} ${work}: ${Math.round(ours[round].clock)} and ${Math.round(theirs[round].clock)} ms`);
  }
  const drift = tf.memory().numTensors - tensors;
  tf.disposeVariables();
  x.dispose();
  const ratioOf = (key: keyof Taken): Summary =>
    summarize(ours.map((each, round) => each[key] / theirs[round][key]));
  const ratio = ratioOf('clock');
  const median = (values: readonly Taken[], key: keyof Taken): number =>
    Math.round(summarize(values.map((each) => each[key])).median);
  return {
    what: `${name}, ${side} px, batch ${batch}, ${work}`,
    n: ratio.n,
    value: ratio.median,
    low: ratio.min,
    high: ratio.max,
    spread: 'range',
    unit: 'x PyTorch',
    target: { atMost },
    details: {
      'ours ms': median(ours, 'clock'),
      'PyTorch ms': median(theirs, 'clock'),
      'fastest of each': (least(ours) / least(theirs)).toFixed(2),
      'processor time': `${ratioOf('processor').median.toFixed(2)} x`,
      'tensors left': drift,
    },
  };
}

/** Milliseconds by the clock, and of processor time over all threads. */
interface Taken {
  readonly clock: number;
  readonly processor: number;
}

function taken(run: () => void): Taken {
  const [started, used] = [performance.now(), process.cpuUsage()];
  run();
  const { user, system } = process.cpuUsage(used);
  return { clock: performance.now() - started, processor: (user + system) / 1000 };
}

function least(values: readonly Taken[]): number {
  return Math.min(...values.map(({ clock }) => clock));
}

function forwardOf(model: LayersModel, x: Tensor4D): () => void {
  const answers = fuseInference(model);
  return () => tf.tidy(() => void answers(x).dataSync());
}

function stepOf(model: LayersModel, x: Tensor4D): () => void {
  const step = trainingStep(model, SGD, 1e-3);
  return () => {
    step(x);
  };
}
