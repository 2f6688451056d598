import type { Rank, Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { architectures } from '../../src/ml/models/architectures/architectures.ts';
import { fuseBatchNorm } from '../../src/ml/models/training/fused-batch-norm.ts';
import { gradingLossOf } from '../../src/ml/models/training/grading-loss.ts';
import { variablesOf } from '../../src/ml/models/training/model-variables.ts';
import { createOptimiser } from '../../src/ml/models/training/optimisers.ts';
import { stepGradients } from '../../src/ml/models/training/train-step.ts';
import { startTensorFlow, tf } from '../../src/ml/runtime/tensorflow.ts';
import type { BenchRow, BenchSection } from '../harness.ts';
import { summarize, time } from '../measure.ts';
import { openPeer, type Peer } from '../peer.ts';

const ROUNDS = 5;
const RUNS = 3;
const CLASSES = 5;
const SGD = { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 1e-4 } as const;
const answerSchema = z.object({ milliseconds: z.array(z.number()) });

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
    const runtime = await startTensorFlow({ threads });
    const peer = await openPeer('torch_training.py', [String(threads)]);
    try {
      const rows: BenchRow[] = [];
      for (const each of cases) {
        const row = await compare(each, peer);
        rows.push(row);
        say(`${row.what}: ${row.value.toFixed(2)}`);
      }
      return {
        rows,
        notes: [
          `medians of ${ROUNDS} rounds of ${RUNS} runs in turns, ${threads} threads; libtensorflow ${runtime.libtensorflow}, ${runtime.device}; peer ${JSON.stringify(peer.greeting)}`,
          'A step is forward, cross-entropy, backward and SGD with Nesterov momentum. The share of time the device waits for images is what `medlocker train` shows every epoch.',
        ],
      };
    } finally {
      peer.close();
    }
  },
};

async function compare({ model: name, side, batch, work, atMost }: Case, peer: Peer): Promise<BenchRow> {
  const model = architectures[name]({ inputSize: side, classes: CLASSES, seed: 1 });
  const x = tf.randomUniform<Rank.R4>([batch, side, side, 3], 0, 1, 'float32', 1);
  const run = work === 'forward' ? forwardOf(model, x) : stepOf(model, x);
  const ours: number[] = [];
  const theirs: number[] = [];
  let drift = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const tensors = tf.memory().numTensors;
    ours.push((await time(run, { rounds: RUNS, warmUps: round === 0 ? 2 : 0 })).median);
    // The optimiser makes its memory in the very first step.
    if (round > 0) drift += tf.memory().numTensors - tensors;
    const answer = await peer.ask({ model: name, side, batch, work, runs: RUNS }, answerSchema);
    theirs.push(summarize(answer.milliseconds).median);
  }
  tf.disposeVariables();
  x.dispose();
  const ratio = summarize(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
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
      'ours ms': summarize(ours).median,
      'PyTorch ms': summarize(theirs).median,
      'tensors left': drift,
    },
  };
}

function forwardOf(model: LayersModel, x: Tensor4D): () => Promise<void> {
  return () => {
    tf.tidy(() => void (model.apply(x, { training: false }) as Tensor2D).dataSync());
    return Promise.resolve();
  };
}

function stepOf(model: LayersModel, x: Tensor4D): () => Promise<void> {
  fuseBatchNorm(model);
  const variables = variablesOf(model.trainableWeights);
  const optimiser = createOptimiser(SGD, variables);
  const labels = Array.from({ length: x.shape[0] }, (_, i) => i % CLASSES);
  return () => {
    const { gradients } = stepGradients(
      [{ x, labels }],
      variables,
      (images) => model.apply(images, { training: true }) as Tensor2D,
      (logits, truth): Scalar =>
        gradingLossOf({ kind: 'cross-entropy', labelSmoothing: 0 }, logits, truth, CLASSES),
    );
    optimiser.step(gradients, 1e-3);
    tf.dispose(gradients);
    return Promise.resolve();
  };
}
