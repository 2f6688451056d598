import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ArchitectureOptions } from './blocks.ts';
import { basicBlock, residualNetwork } from './residual-network.ts';

/** ResNet-18 (He et al., CVPR 2016, table 1) as torchvision has it: 11,689,512 trained weights at 1,000 classes. */
export function resnet18(options: ArchitectureOptions): LayersModel {
  return residualNetwork(options, { name: 'resnet18', blocks: [2, 2, 2, 2], block: basicBlock });
}
