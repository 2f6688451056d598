import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { apply } from './blocks.ts';
import type { Network } from './network.ts';

type Activation = (x: SymbolicTensor, name: string) => SymbolicTensor;

/**
 * Scales channels by what their means say (Hu et al., CVPR 2018): two 1x1 convolutions over the pooled channels, `hidden`
 * between them, `gate` behind them.
 */
export function squeezeExcitation(
  net: Network,
  x: SymbolicTensor,
  name: string,
  { hidden, inner, gate }: { hidden: number; inner: Activation; gate: Activation },
): SymbolicTensor {
  const channels = Number(x.shape.at(-1));
  const pooled = apply(tf.layers.globalAveragePooling2d({ name: `${name}.avgpool` }), x);
  const row = apply(tf.layers.reshape({ targetShape: [1, 1, channels], name: `${name}.row` }), pooled);
  const squeezed = net.convolution(row, `${name}.fc1`, { filters: hidden, size: 1, bias: true });
  const excited = net.convolution(inner(squeezed, `${name}.activation`), `${name}.fc2`, {
    filters: channels,
    size: 1,
    bias: true,
  });
  return apply(tf.layers.multiply({ name: `${name}.scale` }), [x, gate(excited, `${name}.gate`)]);
}
