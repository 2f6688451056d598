import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ArchitectureOptions } from './blocks.ts';
import { basicBlock, residualNetwork } from './residual-network.ts';

/** ResNet-18 with the stem for small images: 64 px end as 8 x 8 features. 11,173,962 trained weights at 10 classes. */
export function cifarResnet18(options: ArchitectureOptions): LayersModel {
  return residualNetwork(options, {
    name: 'cifar_resnet18',
    blocks: [2, 2, 2, 2],
    block: basicBlock,
    small: true,
  });
}
