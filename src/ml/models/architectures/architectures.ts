import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ArchitectureOptions } from './blocks.ts';
import { smallMobilenet } from './small-mobilenet.ts';
import { smallResnet } from './small-resnet.ts';
import { smallVgg } from './small-vgg.ts';

/** Networks that can be trained here, by the name settings and model cards use. */
export const architectures = {
  'small-resnet': smallResnet,
  'small-vgg': smallVgg,
  'small-mobilenet': smallMobilenet,
} as const satisfies Record<string, (options: ArchitectureOptions) => LayersModel>;

export type ArchitectureName = keyof typeof architectures;
