import type { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Failure } from '../../../shared/failure.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { variablesOf } from './model-variables.ts';
import type { Optimiser } from './optimisers.ts';
import type { TrainingState } from './training-state.ts';
import type { WeightAverage } from './weight-average.ts';

/** The state of a run between two epochs; its tensors stay the run's. */
export function snapshot(
  epochs: number,
  model: LayersModel,
  optimiser: Optimiser,
  average: WeightAverage,
): Omit<TrainingState, 'parts'> {
  return {
    epochs,
    steps: optimiser.steps,
    averageUpdates: average.updates,
    tensors: stateTensors(model, optimiser, average),
  };
}

/** Puts a state's tensors into place; returns the number of epochs it had done. Throws Failure `job-inconsistent`. */
export function restore(
  state: TrainingState,
  model: LayersModel,
  optimiser: Optimiser,
  average: WeightAverage,
): number {
  const present = stateTensors(model, optimiser, average);
  for (const [name, variable] of Object.entries(present)) {
    const fits = name in state.tensors && tf.util.arraysEqual(state.tensors[name].shape, variable.shape);
    if (!fits) throw unfit(name);
    variable.assign(state.tensors[name]);
  }
  optimiser.steps = state.steps;
  average.updates = state.averageUpdates;
  return state.epochs;
}

/** Makes the averaged weights of a saved state a model's own. Throws Failure `job-inconsistent` for another model's. */
export function adoptAverage(state: TrainingState, model: LayersModel): void {
  variablesOf(model.weights).forEach((variable, i) => {
    const name = `average/${i}`;
    if (!(name in state.tensors) || !tf.util.arraysEqual(state.tensors[name].shape, variable.shape))
      throw unfit(name);
    variable.assign(state.tensors[name]);
  });
}

function unfit(name: string): Failure {
  return new Failure('job-inconsistent', `the saved training state does not fit this model (${name})`, {
    hint: 'Resume with the architecture and optimiser the run was started with.',
  });
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
