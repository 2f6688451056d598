import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import type { InitialisationReport, Misfit } from './initialisation-report.ts';
import { stateKeys, type StateKey } from './state-keys.ts';
import type { StateTensor } from './weight-layout.ts';

/** Tensors by PyTorch's names. */
export type StateDictionary = ReadonlyMap<string, StateTensor>;

/**
 * Puts the tensors of a PyTorch state dictionary into a network whose layers are named as PyTorch's modules. Where an
 * exporter has folded a batch normalisation into the convolution before it, the convolution's bias becomes the
 * normalisation's offset and the rest of it does nothing, so that outputs are the same.
 */
export function takeState(model: LayersModel, state: StateDictionary): InitialisationReport {
  const taken: string[] = [];
  const left: string[] = [];
  const misfits: Misfit[] = [];
  const used = new Set<string>();
  let [takenSize, size] = [0, 0];
  for (const entry of stateKeys(model)) {
    const count = sizeOf(entry.shape);
    size += count;
    const found = state.get(entry.key) ?? unfolded(entry, state);
    if (found === undefined) {
      left.push(entry.name);
    } else if (found.shape.join() !== entry.shape.join()) {
      used.add(entry.key);
      misfits.push({ name: entry.key, file: found.shape, network: entry.shape });
    } else {
      used.add(entry.key);
      if (entry.folded !== undefined) used.add(`${entry.folded.convolution}.bias`);
      write(entry, found);
      taken.push(entry.name);
      takenSize += count;
    }
  }
  const unused = [...state.keys()].filter((key) => !used.has(key));
  return { taken, share: size === 0 ? 0 : takenSize / size, left, misfits, unused };
}

function write({ weight, arrange }: StateKey, tensor: StateTensor): void {
  const value = tf.tensor(arrange(tensor), weight.shape.map(Number));
  weight.write(value);
  value.dispose();
}

/** The tensor of a normalisation that the file has folded away: gamma = sqrt(variance + epsilon), no mean. */
function unfolded({ folded, shape }: StateKey, state: StateDictionary): StateTensor | undefined {
  if (folded === undefined || !state.has(`${folded.convolution}.weight`)) return undefined;
  const bias = state.get(`${folded.convolution}.bias`);
  if (bias === undefined) return undefined;
  const filled = (value: number): StateTensor => ({
    shape,
    values: new Float32Array(sizeOf(shape)).fill(value),
  });
  switch (folded.role) {
    case 'gamma':
      return filled(1);
    case 'beta':
      return bias;
    case 'moving_mean':
      return filled(0);
    case 'moving_variance':
      return filled(1 - folded.epsilon);
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
