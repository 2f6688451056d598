import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { deriveSeed } from '../../random.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { apply } from '../architectures/blocks.ts';
import { CELL, CELL_BITS } from './viewpoint.ts';

/** Maps a pretraining network puts out, in the order of `CELL_BITS`. */
export const MAPS = Object.keys(CELL_BITS).length;
const CHANNELS = 48;
/** Of the feature maps the pyramid stands on, as many as a network for photographs has. */
const STRIDES = [CELL, 8, 16, 32] as const;
/** Few cells hold anything: the maps start at a probability of 5 %. */
const PRIOR = Math.log(0.05 / 0.95);

/**
 * A grader (logits out, square input of a multiple of 32) with a small feature pyramid on top that paints where lesions,
 * vessels, disc and fovea are (Lin et al., CVPR 2017): [logits, map logits at a quarter of the side]. The grader's layers are
 * shared, so training this trains the grader. `strides` rise by factors of 2 from 4. Throws RangeError when the grader has no feature map of some stride.
 */
export function pretrainingNetwork(
  grader: LayersModel,
  seed: number,
  strides: readonly number[] = STRIDES,
): LayersModel {
  const side = grader.inputs[0]?.shape[1] ?? 0;
  let x: SymbolicTensor | undefined;
  for (const stride of [...strides].reverse()) {
    const lateral = convolution(`lateral${stride}`, CHANNELS, 1, seed);
    const here = apply(lateral, lastOfStride(grader, side, stride));
    if (x === undefined) {
      x = here;
    } else {
      const larger = apply(tf.layers.upSampling2d({ size: [2, 2], name: `up${stride}` }), x);
      x = apply(tf.layers.add({ name: `merge${stride}` }), [larger, here]);
    }
  }
  if (x === undefined) throw new RangeError('no strides');
  const active = apply(tf.layers.reLU({ name: 'pyramid_relu' }), x);
  const maps = apply(convolution('maps', MAPS, 3, seed, PRIOR), active);
  return tf.model({ inputs: grader.inputs, outputs: [...grader.outputs, maps], name: 'pretraining' });
}

function convolution(name: string, filters: number, kernelSize: number, seed: number, bias = 0) {
  return tf.layers.conv2d({
    name,
    filters,
    kernelSize,
    padding: 'same',
    kernelInitializer: tf.initializers.glorotNormal({ seed: deriveSeed(seed, name) }),
    biasInitializer: tf.initializers.constant({ value: bias }),
  });
}

/** The deepest feature map with a cell for each stride x stride pixels. */
function lastOfStride(grader: LayersModel, side: number, stride: number): SymbolicTensor {
  const fitting = grader.layers.flatMap(({ output }) => {
    const [single] = Array.isArray(output) ? output : [output];
    const { shape } = single;
    return shape.length === 4 && shape[1] === side / stride ? [single] : [];
  });
  const last = fitting.at(-1);
  if (last === undefined) throw new RangeError(`the network has no feature map of stride ${stride}`);
  return last;
}
