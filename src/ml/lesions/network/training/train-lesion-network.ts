import type { Scalar, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Failure } from '../../../../shared/failure.ts';
import { fuseBatchNorm } from '../../../models/training/fused-batch-norm.ts';
import { variablesOf } from '../../../models/training/model-variables.ts';
import { ADAMW, createOptimiser } from '../../../models/training/optimisers.ts';
import { cosineSchedule } from '../../../models/training/schedule.ts';
import { averageWeights } from '../../../models/training/weight-average.ts';
import { createRandom, deriveSeed } from '../../../random.ts';
import { tf } from '../../../runtime/tensorflow.ts';
import { networkClasses } from '../lesion-classes.ts';
import { viewChannels } from '../network-view.ts';
import { lesionLoss } from './lesion-loss.ts';
import { packVariables, unpackVariables } from './network-weights.ts';
import { cutPatches, type PatchBatch, type PatchSources } from './lesion-patches.ts';

export interface LesionTrainingSettings {
  readonly seed: number;
  readonly steps: number;
  readonly patchesPerStep: number;
  /** Side of a patch in pixels of the view, a multiple of 16. */
  readonly patchSide: number;
  /** Peak of the cosine schedule. */
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly averageDecay: number;
}

export interface LesionTrainingHooks {
  /** Called every `every` steps with the mean loss since the last report. */
  readonly onReport?: (report: { step: number; loss: number; secondsPerStep: number }) => void;
  readonly every?: number;
  /** Called with everything needed to go on from here, as often as `onReport`. */
  readonly onState?: (state: LesionTrainingState) => Promise<void>;
  readonly resume?: LesionTrainingState;
  readonly signal?: AbortSignal | undefined;
}

/** A training run after `step` steps. */
export interface LesionTrainingState {
  readonly step: number;
  /** Network, optimiser and weight average (network-weights.ts). */
  readonly values: Uint8Array;
}

/**
 * Trains the network on patches of marked photographs, with synthetic retinas mixed in; afterwards it holds the averaged
 * weights. One thread repeats a run exactly. Throws Failure `settings-invalid` without samples, `job-inconsistent` when
 * the loss is not finite, `cancelled` when the signal fires.
 */
export async function trainLesionNetwork(
  network: LayersModel,
  sources: PatchSources,
  settings: LesionTrainingSettings,
  hooks: LesionTrainingHooks = {},
): Promise<void> {
  if (sources.real.length + sources.invented.length === 0) {
    throw new Failure('settings-invalid', 'there is no image with masks to learn from', {
      hint: 'Give a folder of images and a folder of their masks.',
    });
  }
  const { steps, warmupSteps: warmup, learningRate: peak } = settings;
  const every = hooks.every ?? 50;
  const variables = variablesOf(network.trainableWeights);
  const optimiser = createOptimiser(ADAMW, variables);
  const average = averageWeights(network, settings.averageDecay);
  const unfuse = fuseBatchNorm(network);
  const random = createRandom(deriveSeed(settings.seed, 'patches'));
  const all = [
    ...variablesOf(network.weights),
    ...Object.values(optimiser.state),
    ...Object.values(average.state),
  ];
  let sum = 0;
  let since = performance.now();
  try {
    const first = hooks.resume?.step ?? 0;
    if (hooks.resume !== undefined) {
      unpackVariables(all, hooks.resume.values, 'the saved training state');
      optimiser.steps = first;
      average.updates = first;
      // Drawing the patches again brings the random sequence to where it was.
      for (let step = 0; step < first; step++) draw();
    }
    for (let step = first; step < steps; step++) {
      if (hooks.signal?.aborted === true) throw new Failure('cancelled', 'training was cancelled');
      const batch = draw();
      const loss = trainStep(batch, cosineSchedule(step, { steps, warmup, peak, floor: 0.01 }));
      if (!Number.isFinite(loss)) throw diverged(`the loss became ${loss}`, step, batch);
      sum += loss;
      if ((step + 1) % every === 0) {
        const secondsPerStep = (performance.now() - since) / 1000 / every;
        hooks.onReport?.({ step: step + 1, loss: sum / every, secondsPerStep });
        // A step can ruin the weights with no later loss to show it; no state is kept of that.
        if (!areFinite(all)) throw diverged('the weights became infinite', step, batch);
        await hooks.onState?.({ step: step + 1, values: packVariables(all) });
        sum = 0;
        since = performance.now();
      }
      // libtensorflow holds the thread during a step; timers and cancellation get their turn here.
      await new Promise((resolve) => setImmediate(resolve));
    }
    average.adopt();
  } finally {
    unfuse();
    optimiser.dispose();
    average.dispose();
  }

  function diverged(what: string, step: number, { names }: PatchBatch): Failure {
    const photographs = [...new Set(names)].join(', ');
    return new Failure('job-inconsistent', `${what} at step ${step + 1} of ${steps} (${photographs})`, {
      hint: 'The state kept before is whole. Lower the learning rate, or look at these images and their masks.',
    });
  }

  function draw(): PatchBatch {
    return cutPatches(sources, { count: settings.patchesPerStep, side: settings.patchSide, random });
  }

  function trainStep(batch: PatchBatch, learningRate: number): number {
    const shape = [batch.count, batch.side, batch.side] as const;
    const views = tf.tensor4d(batch.views, [...shape, viewChannels]);
    const targets = tf.tensor4d(batch.targets, [...shape, networkClasses.length]);
    const weights = tf.tensor4d(batch.weights, [...shape, networkClasses.length]);
    const { value, grads } = tf.variableGrads((): Scalar => {
      const logits = network.apply(views, { training: true }) as Tensor4D;
      return lesionLoss(logits, targets, weights);
    }, variables);
    const loss = value.dataSync()[0];
    if (Number.isFinite(loss)) {
      optimiser.step(grads, learningRate);
      average.update();
    }
    tf.dispose([views, targets, weights, value, grads]);
    return loss;
  }
}

function areFinite(variables: readonly Variable[]): boolean {
  return variables.every((variable) => variable.dataSync().every(Number.isFinite));
}
