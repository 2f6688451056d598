import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { apply, type ArchitectureOptions } from './blocks.ts';
import { heFanOut, leCunUniform } from './initial-weights.ts';
import { network, type Network } from './network.ts';

const STEM = 16;
/** Channels of the three stages: 16, 32 and 64 times the width of 10. */
const WIDTHS = [160, 320, 640] as const;
/** (34 - 4) / 6: two convolutions a block, three stages, four layers besides. */
const BLOCKS = 5;

/**
 * WideResNet-34-10 (Zagoruyko & Komodakis, BMVC 2016), the body of adversarial training on small images, with the layer
 * names of TRADES: 46,160,474 trained weights at 10 classes. Takes [0, 1] as it is; 64 px end as 16 x 16 features.
 */
export function wideResnet34x10(options: ArchitectureOptions): LayersModel {
  const net = network(options, { kernels: heFanOut });
  const { image, normalised } = net.input();
  let x = net.convolution(normalised, 'conv1', { filters: STEM, size: 3 });
  WIDTHS.forEach((filters, stage) => {
    for (let index = 0; index < BLOCKS; index++) {
      const strides = stage > 0 && index === 0 ? 2 : 1;
      x = preActivationBlock(net, x, `block${stage + 1}.layer.${index}`, { filters, strides });
    }
  });
  x = net.relu(net.batchNorm(x, 'bn1'), 'relu');
  const logits = net.dense(net.globalPool(x), 'fc', { units: options.classes, draw: leCunUniform });
  return net.finish('wide_resnet34_10', image, logits);
}

function preActivationBlock(
  net: Network,
  x: SymbolicTensor,
  name: string,
  { filters, strides }: { filters: number; strides: number },
): SymbolicTensor {
  const active = net.relu(net.batchNorm(x, `${name}.bn1`), `${name}.relu1`);
  let y = net.convolution(active, `${name}.conv1`, { filters, size: 3, strides });
  y = net.relu(net.batchNorm(y, `${name}.bn2`), `${name}.relu2`);
  y = net.convolution(y, `${name}.conv2`, { filters, size: 3 });
  const plain = x.shape.at(-1) === filters;
  const entry = plain ? x : net.convolution(active, `${name}.convShortcut`, { filters, size: 1, strides });
  return apply(tf.layers.add({ name: `${name}.add` }), [entry, y]);
}
