import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Failure } from '../../../shared/failure.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { fuseBatchNorm } from '../training/fused-batch-norm.ts';
import { variablesOf } from '../training/model-variables.ts';
import { ADAMW, createOptimiser } from '../training/optimisers.ts';
import { cosineSchedule } from '../training/schedule.ts';
import { averageWeights } from '../training/weight-average.ts';
import { pretrainingBatches, type PretrainingBatch } from './pretraining-batches.ts';
import { pretrainingLoss } from './pretraining-loss.ts';
import { MAPS, pretrainingNetwork } from './pretraining-network.ts';
import type { RetinaPack } from './retina-pack.ts';
import { CELL } from './viewpoint.ts';

export interface PretrainingSettings {
  /** Decides the order of the pictures and the pyramid's first weights; the grader comes with its own. */
  readonly seed: number;
  /** Length of the schedule. */
  readonly steps: number;
  readonly batchSize: number;
  /** Peak of the cosine schedule. */
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmupSteps: number;
  readonly averageDecay: number;
  /** Strides of the feature maps the pyramid stands on; 4 to 32 when left out. */
  readonly strides?: readonly number[];
}

/** Means over the steps since the last report. */
export interface PretrainingReport {
  readonly step: number;
  readonly grade: number;
  readonly focal: number;
  readonly dice: number;
  /** Share of grades answered right. */
  readonly accuracy: number;
}

/**
 * Trains a grader on synthetic retinas to grade them and, through a feature pyramid that is thrown away afterwards, to paint their
 * lesions and vessels; it then holds the averaged weights. Throws Failure `job-inconsistent` when the loss is not finite.
 */
export async function pretrain(
  grader: LayersModel,
  pack: RetinaPack,
  settings: PretrainingSettings,
  { every, onReport }: { every: number; onReport: (report: PretrainingReport) => void | Promise<void> },
): Promise<void> {
  const { steps, batchSize, warmupSteps: warmup, learningRate: peak } = settings;
  const network = pretrainingNetwork(grader, settings.seed, settings.strides);
  const variables = variablesOf(network.trainableWeights);
  const optimiser = createOptimiser({ ...ADAMW, weightDecay: settings.weightDecay }, variables);
  const average = averageWeights(network, settings.averageDecay);
  const unfuse = fuseBatchNorm(network);
  const sums = { grade: 0, focal: 0, dice: 0, accuracy: 0 };
  try {
    let step = 0;
    for await (const batch of pretrainingBatches(pack, { batchSize, seed: settings.seed })) {
      const outcome = trainStep(batch, cosineSchedule(step, { steps, warmup, peak, floor: 0.01 }));
      step += 1;
      for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += outcome[key] / every;
      if (!Number.isFinite(outcome.grade + outcome.focal + outcome.dice)) {
        throw new Failure('job-inconsistent', `the loss was not finite at step ${step} of pretraining`, {
          hint: 'Lower the learning rate.',
        });
      }
      if (step % every === 0) {
        await onReport({ step, ...sums });
        Object.assign(sums, { grade: 0, focal: 0, dice: 0, accuracy: 0 });
      }
      if (step === steps) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    average.adopt();
  } finally {
    unfuse();
    optimiser.dispose();
    average.dispose();
    const own = new Set(grader.layers);
    for (const layer of network.layers) if (!own.has(layer)) layer.dispose();
  }

  function trainStep(batch: PretrainingBatch, learningRate: number): typeof sums {
    const n = batch.grades.length;
    const cells = pack.side / CELL;
    const x = tf.tensor4d(batch.pixels, [n, pack.side, pack.side, 3]);
    const targets = tf.tensor4d(batch.targets, [n, cells, cells, MAPS]);
    const seen: { values: number[]; right: number } = { values: [], right: 0 };
    const { value, grads } = tf.variableGrads((): Scalar => {
      const [logits, maps] = network.apply(x, { training: true }) as [Tensor2D, Tensor4D];
      const { total, parts } = pretrainingLoss(logits, maps, batch.grades, targets);
      seen.values = [parts.grade, parts.focal, parts.dice].map((part) => part.dataSync()[0] ?? Number.NaN);
      const answers = tf.argMax(logits, 1).dataSync();
      seen.right = batch.grades.filter((grade, place) => grade === answers[place]).length;
      return total;
    }, variables);
    const [grade = Number.NaN, focal = Number.NaN, dice = Number.NaN] = seen.values;
    if (Number.isFinite(grade + focal + dice)) {
      optimiser.step(grads, learningRate);
      average.update();
    }
    tf.dispose([x, targets, value, grads]);
    return { grade, focal, dice, accuracy: seen.right / n };
  }
}
