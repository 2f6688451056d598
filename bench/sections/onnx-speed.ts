import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Classifier } from '../../src/ml/models/classifier.ts';
import { crossEntropy } from '../../src/ml/models/losses.ts';
import { openOnnxClassifier } from '../../src/ml/models/onnx-classifier.ts';
import { tf } from '../../src/ml/runtime/tensorflow.ts';
import type { BenchRow, BenchSection } from '../harness.ts';
import { summarize, time } from '../measure.ts';
import { openPeer, type Peer } from '../peer.ts';

const ROUNDS = 9;
/** Runs of one side in a round: enough for its caches and threads to be its own again. */
const RUNS = 3;
const SIDE = 224;
const CLASSES = 5;

const answerSchema = z.object({ milliseconds: z.array(z.number()), logits: z.array(z.number()) });

type Work = 'forward' | 'gradient';

const cases = ['resnet18', 'mobilenetv2'].flatMap((model) =>
  [1, 8].flatMap((batch) => (['forward', 'gradient'] as const).map((work) => ({ model, batch, work }))),
);

export const section: BenchSection = {
  name: 'onnx-speed',
  question: "How long do our ONNX graders take, as a ratio to PyTorch's time (CPU, channels-last)?",
  async run({ threads, say }) {
    const folder = await mkdtemp(join(tmpdir(), 'medlocker-bench-'));
    let peer: Peer | undefined;
    try {
      peer = await openPeer('torch_speed.py', [folder, String(threads)]);
      const rows: BenchRow[] = [];
      for (const { model, batch, work } of cases) {
        const classifier = await openOnnxClassifier(join(folder, `${model}.onnx`), { threads });
        const row = await compare(classifier, peer, { model, batch, work });
        classifier.dispose();
        rows.push(row);
        say(`${row.what}: ${row.value.toFixed(2)}`);
      }
      const note = `medians of ${ROUNDS} rounds of ${RUNS} runs in turns, ${threads} threads; peer ${JSON.stringify(peer.greeting)}`;
      return { rows, notes: [note] };
    } finally {
      peer?.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Rounds of ours and theirs in turns; each side's time in a round is the median of its runs. */
async function compare(
  classifier: Classifier,
  peer: Peer,
  { model, batch, work }: { model: string; batch: number; work: Work },
): Promise<BenchRow> {
  const x = ramp(batch);
  const ask = () => peer.ask({ model, batch, work, runs: RUNS }, answerSchema);
  const reference = await ask();
  await expectSameNetwork(classifier, x, reference.logits);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(
      (await time(() => once(classifier, x, work), { rounds: RUNS, warmUps: round === 0 ? 2 : 0 })).median,
    );
    theirs.push(summarize((await ask()).milliseconds).median);
  }
  x.dispose();
  const ratio = summarize(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
  return {
    what: `${model}, batch ${batch}, ${work}`,
    n: ratio.n,
    value: ratio.median,
    low: ratio.min,
    high: ratio.max,
    spread: 'range',
    unit: 'x PyTorch',
    target: { atMost: work === 'forward' ? 0.8 : 1 },
    details: { 'ours ms': summarize(ours).median, 'PyTorch ms': summarize(theirs).median },
  };
}

async function once(classifier: Classifier, x: Tensor4D, work: Work): Promise<void> {
  if (work === 'forward') {
    (await classifier.logits(x)).dispose();
    return;
  }
  const labels = Array.from({ length: x.shape[0] }, () => 0);
  const result = await classifier.inputGradient(x, crossEntropy(labels, CLASSES));
  tf.dispose([result.loss, result.logits, result.gradient]);
}

/** A ratio between two different networks would mean nothing. */
async function expectSameNetwork(
  classifier: Classifier,
  x: Tensor4D,
  reference: readonly number[],
): Promise<void> {
  const logits = await classifier.logits(x);
  const values: ArrayLike<number> = logits.dataSync();
  logits.dispose();
  const worst = Math.max(...reference.map((value, i) => Math.abs(value - (values[i] ?? Number.NaN))));
  if (!(worst < 1e-3)) throw new Error(`the exported network answers otherwise: logits differ by ${worst}`);
}

/** The same pixels as in bench/peers/torch_speed.py. */
function ramp(batch: number): Tensor4D {
  const pixels = Float32Array.from({ length: batch * SIDE * SIDE * 3 }, (_, i) => (i % 251) / 250);
  return tf.tensor4d(pixels, [batch, SIDE, SIDE, 3]);
}
