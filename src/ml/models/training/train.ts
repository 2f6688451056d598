import type { Scalar, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Failure } from '../../../shared/failure.ts';
import { createRandom, deriveSeed } from '../../random.ts';
import { tf } from '../../runtime/tensorflow.ts';
import type { AugmentationSettings } from './augmentation.ts';
import { batches, type Batch } from './batches.ts';
import { crossEntropyOf } from './cross-entropy.ts';
import { evaluateModel, largest, type GradingScore } from './evaluate.ts';
import { fuseBatchNorm } from './fused-batch-norm.ts';
import type { LabelledImages } from './labelled-images.ts';
import { createOptimiser, type Optimiser, type OptimiserSettings } from './optimisers.ts';
import { epochOrder } from './sampling.ts';
import { cosineSchedule } from './schedule.ts';
import type { TrainingState } from './training-state.ts';
import { variablesOf } from './model-variables.ts';
import { averageWeights, type WeightAverage } from './weight-average.ts';

export interface TrainingSettings {
  /** Decides the order of the images and their variation; initial weights come with the model. */
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimiser: OptimiserSettings;
  /** Peak of the cosine schedule. */
  readonly learningRate: number;
  /** Length of the linear warm-up in epochs; fractions are fine. */
  readonly warmupEpochs: number;
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
}

export interface TrainingHooks {
  readonly onEpoch?: (report: EpochReport) => void | Promise<void>;
  /** Called after every epoch with what `resume` needs to go on from there; the tensors stay the loop's. */
  readonly onState?: (state: TrainingState) => void | Promise<void>;
  /** A state to go on from; its tensors stay the caller's. */
  readonly resume?: TrainingState;
  readonly signal?: AbortSignal;
}

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
  const variables = variablesOf(model.trainableWeights);
  const optimiser = createOptimiser(settings.optimiser, variables);
  const average = averageWeights(model, settings.averageDecay);
  const unfuse = fuseBatchNorm(model);
  const reports: EpochReport[] = [];
  try {
    const first = hooks.resume === undefined ? 0 : restore(hooks.resume, model, optimiser, average);
    for (let epoch = first; epoch < settings.epochs; epoch++) {
      const started = performance.now();
      const result = await runEpoch(epoch, stepsPerEpoch);
      const validated = await average.during(() =>
        evaluateModel(model, validation, { batchSize: settings.batchSize, ...signalOf(hooks) }),
      );
      const seconds = (performance.now() - started) / 1000;
      const report = { epoch: epoch + 1, ...result, validation: validated, seconds };
      reports.push(report);
      await hooks.onState?.(snapshot(epoch + 1, model, optimiser, average));
      await hooks.onEpoch?.(report);
    }
    average.adopt();
  } catch (cause) {
    if (hooks.signal?.aborted === true) throw new Failure('cancelled', 'training was cancelled', { cause });
    throw cause;
  } finally {
    unfuse();
    optimiser.dispose();
    average.dispose();
  }
  return reports;

  async function runEpoch(
    epoch: number,
    steps: number,
  ): Promise<{ learningRate: number; loss: number; accuracy: number }> {
    const { seed, balance, batchSize, augmentation, epochs, warmupEpochs, learningRate: peak } = settings;
    const random = createRandom(deriveSeed(seed, 'order', epoch));
    const order = epochOrder(training.labels, training.classes, balance, random);
    const variation = deriveSeed(seed, 'variation', epoch);
    const stream = batches(training, order, { batchSize, augmentation, seed: variation, wholeOnly: true });
    let done = 0;
    let lossSum = 0;
    let correct = 0;
    let learningRate = 0;
    for await (const batch of stream) {
      hooks.signal?.throwIfAborted();
      const step = epoch * steps + done;
      learningRate = cosineSchedule(step, { steps: epochs * steps, warmup: warmupEpochs * steps, peak });
      const outcome = trainStep(batch, learningRate);
      if (!Number.isFinite(outcome.loss)) throw diverged(epoch, done, outcome.loss, batch);
      lossSum += outcome.loss;
      correct += outcome.correct;
      done += 1;
      // libtensorflow holds the thread during a step; timers and cancellation get their turn here.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { learningRate, loss: lossSum / done, accuracy: correct / (done * batchSize) };
  }

  function trainStep(batch: Batch, learningRate: number): { loss: number; correct: number } {
    let logits: Tensor2D | undefined;
    const x = tf.tensor4d(batch.pixels, [batch.labels.length, training.side, training.side, 3]);
    const { value, grads } = tf.variableGrads((): Scalar => {
      const z = model.apply(x, { training: true }) as Tensor2D;
      logits = tf.keep(z.clone());
      return crossEntropyOf(z, batch.labels, training.classes, settings.labelSmoothing);
    }, variables);
    const loss = value.dataSync()[0];
    const answers = logits === undefined ? [] : largest(logits);
    const correct = answers.filter((answer, place) => answer === batch.labels[place]).length;
    if (Number.isFinite(loss)) {
      optimiser.step(grads, learningRate);
      average.update();
    }
    tf.dispose([x, value, grads, ...(logits === undefined ? [] : [logits])]);
    return { loss, correct };
  }

  function diverged(epoch: number, step: number, loss: number, batch: Batch): Failure {
    const names = batch.indices.slice(0, 3).map((index) => training.name(index));
    const more = batch.indices.length > names.length ? ', ...' : '';
    return new Failure(
      'job-inconsistent',
      `the loss became ${loss} in epoch ${epoch + 1}, batch ${step + 1} (${names.join(', ')}${more})`,
      { hint: 'Lower the learning rate, or look at the images of that batch.' },
    );
  }
}

function signalOf(hooks: TrainingHooks): { signal?: AbortSignal } {
  return hooks.signal === undefined ? {} : { signal: hooks.signal };
}

function snapshot(
  epochs: number,
  model: LayersModel,
  optimiser: Optimiser,
  average: WeightAverage,
): TrainingState {
  return {
    epochs,
    steps: optimiser.steps,
    averageUpdates: average.updates,
    tensors: stateTensors(model, optimiser, average),
  };
}

/** Puts a state's tensors into place; returns the number of epochs it had done. */
function restore(
  state: TrainingState,
  model: LayersModel,
  optimiser: Optimiser,
  average: WeightAverage,
): number {
  const present = stateTensors(model, optimiser, average);
  for (const [name, variable] of Object.entries(present)) {
    const fits = name in state.tensors && tf.util.arraysEqual(state.tensors[name].shape, variable.shape);
    if (!fits) {
      throw new Failure('job-inconsistent', `the saved training state does not fit this model (${name})`, {
        hint: 'Resume with the architecture and optimiser the run was started with.',
      });
    }
    variable.assign(state.tensors[name]);
  }
  optimiser.steps = state.steps;
  average.updates = state.averageUpdates;
  return state.epochs;
}

/** Every tensor that decides how a run goes on. Weights go by position, since layer names differ between processes. */
function stateTensors(
  model: LayersModel,
  optimiser: Optimiser,
  average: WeightAverage,
): Record<string, Variable> {
  const tensors: Record<string, Variable> = {};
  const collect = (prefix: string, values: readonly Variable[]): void =>
    values.forEach((value, i) => (tensors[`${prefix}/${i}`] = value));
  collect('weights', variablesOf(model.weights));
  collect('optimiser', Object.values(optimiser.state));
  collect('average', Object.values(average.state));
  return tensors;
}
