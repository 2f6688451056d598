import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Failure } from '../../../shared/failure.ts';
import { createRandom, deriveSeed } from '../../random.ts';
import { availableMemory } from '../../runtime/available-memory.ts';
import { tf } from '../../runtime/tensorflow.ts';
import type { AugmentationSettings } from './augmentation.ts';
import { openBatchThread } from './batch-thread.ts';
import { batches, type Batch } from './batches.ts';
import { evaluateModel, type GradingScore } from './evaluate.ts';
import { freezeBatchNorm, fuseBatchNorm } from './fused-batch-norm.ts';
import { type GradingLoss, gradingLossOf } from './grading-loss.ts';
import type { LabelledImages } from './labelled-images.ts';
import { variablesOf } from './model-variables.ts';
import { createOptimiser, type OptimiserSettings } from './optimisers.ts';
import { restore, snapshot } from './run-state.ts';
import { epochOrder } from './sampling.ts';
import { partedStep } from './parted-step.ts';
import { learningRateAt, type Schedule } from './schedule.ts';
import { stepGradients } from './train-step.ts';
import type { TrainingState } from './training-state.ts';
import { averageWeights } from './weight-average.ts';

export interface TrainingSettings {
  /** Decides the order of the images and their variation; initial weights come with the model. */
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Parts a batch is computed in, their gradients added up: less memory, the same step but for batch statistics. */
  readonly parts?: number;
  readonly optimiser: OptimiserSettings;
  /** Peak of the schedule. */
  readonly learningRate: number;
  /**
   * Share of the learning rate that every layer but the last takes, for a trunk that comes with weights; 1 by default.
   * At 0 the trunk is frozen: no gradients, and its normalisations keep to their running statistics.
   */
  readonly trunkRate?: number;
  /** Cosine by default. */
  readonly schedule?: Schedule;
  /** Length of the linear warm-up in epochs; fractions are fine. */
  readonly warmupEpochs: number;
  /** Cross-entropy with `labelSmoothing` by default. */
  readonly loss?: GradingLoss;
  readonly labelSmoothing: number;
  /** 0 keeps the natural mix of classes, 1 visits all classes equally often (sampling.ts). */
  readonly balance: number;
  /** Decay of the weight average a step, e.g. 0.99; 0 uses the last step's weights. */
  readonly averageDecay: number;
  readonly augmentation: AugmentationSettings;
}

export interface EpochReport {
  /** Counts from 1. */
  readonly epoch: number;
  readonly learningRate: number;
  /** Means over the epoch's batches, on varied images and with label smoothing. */
  readonly loss: number;
  readonly accuracy: number;
  /** With averaged weights, on the validation images as they are. */
  readonly validation: GradingScore;
  readonly seconds: number;
  /** Of these, how long the steps waited for images. */
  readonly waitSeconds: number;
  /** Parts its last batch was computed in. */
  readonly parts: number;
}

export interface TrainingHooks {
  /** Called after every epoch, with what the loop's own rules do not know. */
  readonly onEpoch?: (report: EpochReport) => void | Promise<void>;
  /** True ends the run after this epoch (early stopping). */
  readonly isEnough?: (report: EpochReport) => boolean;
  /** Called after every epoch with what `resume` needs to go on from there; the tensors stay the loop's. */
  readonly onState?: (state: TrainingState, report: EpochReport) => void | Promise<void>;
  /** Something a person should know, such as a batch computed in more parts because memory was short. */
  readonly onNote?: (note: string) => void;
  /** Replaces a batch's images before its step, e.g. by adversarial ones; the result is the loop's to dispose. */
  readonly perturb?: (x: Tensor4D, labels: readonly number[]) => Promise<Tensor4D>;
  /** Bytes the process may still take; by default those the system tells. */
  readonly availableMemory?: () => number;
  /** A state to go on from; its tensors stay the caller's. */
  readonly resume?: TrainingState;
  readonly signal?: AbortSignal;
}

const DIVERGED =
  'The checkpoint of the epoch before is kept. Lower the learning rate (in a new run), or look at these images.';

/**
 * Trains a layers model that puts out logits; afterwards it holds the averaged weights. Returns one report an epoch.
 * The same model, images, settings and thread count repeat the same run on the CPU as far as the library's sums do.
 * Throws Failure `job-inconsistent` when the loss is not finite (naming the batch; the model then is of no use, the last
 * state given to `onState` is) and `cancelled` when the signal fires; tensors are released either way.
 */
export async function train(
  model: LayersModel,
  training: LabelledImages,
  validation: LabelledImages,
  settings: TrainingSettings,
  hooks: TrainingHooks = {},
): Promise<EpochReport[]> {
  const stepsPerEpoch = Math.floor(training.count / settings.batchSize);
  if (stepsPerEpoch < 1) {
    throw new Failure(
      'settings-invalid',
      `${training.count} images do not fill a batch of ${settings.batchSize}`,
      {
        hint: 'Lower the batch size or add images.',
      },
    );
  }
  const { trunkRate = 1 } = settings;
  const last = variablesOf(model.layers.at(-1)?.trainableWeights ?? []);
  const head = new Set(last.map(({ name }) => name));
  const variables = trunkRate === 0 ? last : variablesOf(model.trainableWeights);
  const optimiser = createOptimiser(settings.optimiser, variables, ({ name }) =>
    head.has(name) ? 1 : trunkRate,
  );
  const average = averageWeights(model, settings.averageDecay);
  const unfuse = trunkRate === 0 ? freezeBatchNorm(model) : fuseBatchNorm(model);
  const thread = openBatchThread();
  const loss = settings.loss ?? { kind: 'cross-entropy', labelSmoothing: settings.labelSmoothing };
  const reports: EpochReport[] = [];
  const step = partedStep(
    settings.batchSize,
    Math.max(settings.parts ?? 1, hooks.resume?.parts ?? 1),
    (pieces) =>
      stepGradients(
        pieces,
        variables,
        (images) => model.apply(images, { training: true }) as Tensor2D,
        (logits, truth): Scalar => gradingLossOf(loss, logits, truth, training.classes),
      ),
    (note) => hooks.onNote?.(note),
  );
  try {
    const first = hooks.resume === undefined ? 0 : restore(hooks.resume, model, optimiser, average);
    await step.fit(model, [training.side, training.side, 3], hooks.availableMemory ?? availableMemory);
    let stream = batchesOf(first);
    for (let epoch = first; epoch < settings.epochs; epoch++) {
      const started = performance.now();
      const result = await runEpoch(epoch, stepsPerEpoch, stream);
      // The first batches of the next epoch are made while this one is measured.
      if (epoch + 1 < settings.epochs) stream = batchesOf(epoch + 1);
      const validated = await average.during(() =>
        evaluateModel(model, validation, {
          batchSize: Math.ceil(settings.batchSize / step.parts),
          ...signalOf(hooks),
        }),
      );
      // The last step of an epoch can ruin the weights with no later loss to show it; no state is kept of that.
      if (!Number.isFinite(validated.loss)) throw ruined(epoch, validated.loss);
      const seconds = (performance.now() - started) / 1000;
      const { parts } = step;
      const report = { epoch: epoch + 1, ...result, validation: validated, seconds, parts };
      reports.push(report);
      await hooks.onState?.({ ...snapshot(epoch + 1, model, optimiser, average), parts }, report);
      await hooks.onEpoch?.(report);
      if (hooks.isEnough?.(report) === true) break;
    }
    average.adopt();
  } catch (cause) {
    if (hooks.signal?.aborted === true) throw new Failure('cancelled', 'training was cancelled', { cause });
    throw cause;
  } finally {
    unfuse();
    await thread.close();
    optimiser.dispose();
    average.dispose();
  }
  return reports;

  function batchesOf(epoch: number): AsyncGenerator<Batch> {
    const { seed, balance, batchSize, augmentation } = settings;
    const random = createRandom(deriveSeed(seed, 'order', epoch));
    const order = epochOrder(training.labels, training.classes, balance, random);
    return batches(training, order, {
      batchSize,
      augmentation,
      seed: deriveSeed(seed, 'variation', epoch),
      wholeOnly: true,
      prepare: (recipe) => thread.prepare(recipe),
    });
  }

  async function runEpoch(
    epoch: number,
    steps: number,
    stream: AsyncGenerator<Batch>,
  ): Promise<Pick<EpochReport, 'learningRate' | 'loss' | 'accuracy' | 'waitSeconds'>> {
    const { batchSize, epochs, warmupEpochs, learningRate: peak } = settings;
    let done = 0;
    let lossSum = 0;
    let correct = 0;
    let learningRate = 0;
    let waited = 0;
    let asked = performance.now();
    for await (const batch of stream) {
      waited += performance.now() - asked;
      hooks.signal?.throwIfAborted();
      const options = { steps: epochs * steps, warmup: warmupEpochs * steps, peak };
      learningRate = learningRateAt(settings.schedule ?? { kind: 'cosine' }, epoch * steps + done, options);
      const outcome = await trainStep(batch, learningRate);
      if (!Number.isFinite(outcome.loss)) throw diverged(epoch, done, outcome.loss, batch);
      lossSum += outcome.loss;
      correct += outcome.correct;
      done += 1;
      // libtensorflow holds the thread during a step; timers and cancellation get their turn here.
      await new Promise((resolve) => setImmediate(resolve));
      asked = performance.now();
    }
    const seen = done * batchSize;
    return { learningRate, loss: lossSum / done, accuracy: correct / seen, waitSeconds: waited / 1000 };
  }

  async function trainStep(batch: Batch, learningRate: number): Promise<{ loss: number; correct: number }> {
    let x = tf.tensor4d(batch.pixels, [batch.labels.length, training.side, training.side, 3]);
    try {
      if (hooks.perturb !== undefined) {
        const clean = x;
        x = await hooks.perturb(clean, batch.labels);
        clean.dispose();
      }
      const { loss: value, logits, gradients } = step.gradients(x, batch.labels);
      const answers = logits.map((row) => row.indexOf(Math.max(...row)));
      if (Number.isFinite(value)) {
        optimiser.step(gradients, learningRate);
        average.update();
      }
      tf.dispose(gradients);
      return { loss: value, correct: answers.filter((answer, i) => answer === batch.labels[i]).length };
    } finally {
      x.dispose();
    }
  }

  function diverged(epoch: number, step: number, value: number, batch: Batch): Failure {
    const names = [...new Set(batch.indices)].map((index) => training.name(index));
    return new Failure(
      'job-inconsistent',
      `the loss became ${value} in epoch ${epoch + 1}, batch ${step + 1} (${names.join(', ')})`,
      { hint: DIVERGED },
    );
  }

  function ruined(epoch: number, value: number): Failure {
    return new Failure(
      'job-inconsistent',
      `the loss on the validation images became ${value} after epoch ${epoch + 1}`,
      { hint: DIVERGED },
    );
  }
}

function signalOf(hooks: TrainingHooks): { signal?: AbortSignal } {
  return hooks.signal === undefined ? {} : { signal: hooks.signal };
}
