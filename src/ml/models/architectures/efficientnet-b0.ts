import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, type ArchitectureOptions } from './blocks.ts';
import { IMAGENET } from './channel-normalisation.ts';
import { heFanOut, uniformFanOut } from './initial-weights.ts';
import { network, type Network } from './network.ts';
import { squeezeExcitation } from './squeeze-excitation.ts';

/** Expansion, kernel, stride, channels, repeats (table 1). */
const STAGES = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;

/**
 * EfficientNet-B0 (Tan & Le, ICML 2019) as torchvision has it: 5,288,548 trained weights at 1,000 classes. Deviation: no
 * stochastic depth, which leaves out whole blocks at random while training.
 */
export function efficientnetB0(options: ArchitectureOptions): LayersModel {
  const net = network(options, { kernels: heFanOut });
  const { image, normalised } = net.input(IMAGENET);
  let x = net.convolution(normalised, 'features.0.0', { filters: 32, size: 3, strides: 2 });
  x = net.silu(net.batchNorm(x, 'features.0.1'), 'features.0.2');
  STAGES.forEach(([expansion, size, firstStrides, filters, repeats], stage) => {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const strides = repeat === 0 ? firstStrides : 1;
      const shape = { expansion, size, strides, filters };
      x = invertedResidual(net, x, `features.${stage + 1}.${repeat}.block`, shape);
    }
  });
  x = net.convolution(x, 'features.8.0', { filters: 1280, size: 1 });
  x = net.silu(net.batchNorm(x, 'features.8.1'), 'features.8.2');
  const kept = net.dropout(net.globalPool(x), 0.2, 'classifier.0');
  const logits = net.dense(kept, 'classifier.1', { units: options.classes, draw: uniformFanOut });
  return net.finish('efficientnet_b0', image, logits);
}

function invertedResidual(
  net: Network,
  x: SymbolicTensor,
  name: string,
  {
    expansion,
    size,
    strides,
    filters,
  }: { expansion: number; size: number; strides: number; filters: number },
): SymbolicTensor {
  const channels = Number(x.shape.at(-1));
  let y = x;
  let part = 0;
  if (expansion > 1) {
    y = net.convolution(y, `${name}.0.0`, { filters: channels * expansion, size: 1 });
    y = net.silu(net.batchNorm(y, `${name}.0.1`), `${name}.0.2`);
    part = 1;
  }
  y = net.depthwise(y, `${name}.${part}.0`, { size, strides });
  y = net.silu(net.batchNorm(y, `${name}.${part}.1`), `${name}.${part}.2`);
  y = squeezeExcitation(net, y, `${name}.${part + 1}`, {
    hidden: Math.max(1, Math.floor(channels / 4)),
    inner: (row, layer) => net.silu(row, layer),
    gate: (row, layer) => apply(tf.layers.activation({ activation: 'sigmoid', name: layer }), row),
  });
  y = net.convolution(y, `${name}.${part + 2}.0`, { filters, size: 1 });
  y = net.batchNorm(y, `${name}.${part + 2}.1`);
  const same = strides === 1 && channels === filters;
  return same ? apply(tf.layers.add({ name: `${name}.add` }), [x, y]) : y;
}
