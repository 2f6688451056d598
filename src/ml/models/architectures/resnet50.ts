import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ArchitectureOptions } from './blocks.ts';
import { bottleneck, residualNetwork } from './residual-network.ts';

/** ResNet-50 (He et al., CVPR 2016, table 1) as torchvision has it, the stride in the 3x3 convolution: 25,557,032 trained weights. */
export function resnet50(options: ArchitectureOptions): LayersModel {
  return residualNetwork(options, { name: 'resnet50', blocks: [3, 4, 6, 3], block: bottleneck });
}
