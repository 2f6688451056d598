import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { AdaptivePooling } from './adaptive-pooling.ts';
import { apply, type ArchitectureOptions } from './blocks.ts';
import { IMAGENET } from './channel-normalisation.ts';
import { heFanOut, normal } from './initial-weights.ts';
import { network } from './network.ts';

/** Channels of the convolutions between two poolings (table 1, column D). */
const STAGES = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const;
/** Side of the features the classifier takes; other sizes are pooled to it. */
const FEATURES = 7;
const HIDDEN = 4096;

/**
 * VGG-16 with batch normalisation (Simonyan & Zisserman, ICLR 2015) as torchvision has it: 138,365,992 trained weights at
 * 1,000 classes, 103 million of them in the first linear layer.
 */
export function vgg16Bn(options: ArchitectureOptions): LayersModel {
  const net = network(options, { kernels: heFanOut });
  const { image, normalised } = net.input(IMAGENET);
  let x: SymbolicTensor = normalised;
  // torchvision counts every layer of the sequence: convolution, normalisation, ReLU, pooling.
  let place = 0;
  for (const stage of STAGES) {
    for (const filters of stage) {
      x = net.convolution(x, `features.${place}`, { filters, size: 3, bias: true });
      x = net.relu(net.batchNorm(x, `features.${place + 1}`), `features.${place + 2}`);
      place += 3;
    }
    x = apply(tf.layers.maxPooling2d({ poolSize: 2, name: `features.${place}` }), x);
    place += 1;
  }
  if (x.shape[1] !== FEATURES) x = apply(new AdaptivePooling({ side: FEATURES, name: 'avgpool' }), x);
  x = apply(tf.layers.flatten({ name: 'flatten' }), x);
  x = net.relu(net.dense(x, 'classifier.0', { units: HIDDEN, draw: normal(0.01) }), 'classifier.1');
  x = net.dropout(x, 0.5, 'classifier.2');
  x = net.relu(net.dense(x, 'classifier.3', { units: HIDDEN, draw: normal(0.01) }), 'classifier.4');
  x = net.dropout(x, 0.5, 'classifier.5');
  const logits = net.dense(x, 'classifier.6', { units: options.classes, draw: normal(0.01) });
  return net.finish('vgg16_bn', image, logits);
}
