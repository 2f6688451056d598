import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ArchitectureOptions } from './blocks.ts';
import { basicBlock, residualNetwork } from './residual-network.ts';

/** ResNet-34 (He et al., CVPR 2016, table 1) as torchvision has it: 21,797,672 trained weights at 1,000 classes. */
export function resnet34(options: ArchitectureOptions): LayersModel {
  return residualNetwork(options, { name: 'resnet34', blocks: [3, 4, 6, 3], block: basicBlock });
}
