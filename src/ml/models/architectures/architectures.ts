import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ArchitectureOptions } from './blocks.ts';
import { cifarResnet18 } from './cifar-resnet18.ts';
import { mobilenetV2, mobilenetV2Torch } from './mobilenetv2.ts';
import { resnet18 } from './resnet18.ts';
import { resnet34 } from './resnet34.ts';
import { resnet50 } from './resnet50.ts';
import { smallMobilenet } from './small-mobilenet.ts';
import { smallResnet } from './small-resnet.ts';
import { smallVgg } from './small-vgg.ts';

/** Networks that can be trained here, by the name settings and model cards use. */
export const architectures = {
  'small-resnet': smallResnet,
  'small-vgg': smallVgg,
  'small-mobilenet': smallMobilenet,
  resnet18,
  resnet34,
  resnet50,
  'cifar-resnet18': cifarResnet18,
  mobilenetv2: mobilenetV2,
  'mobilenetv2-torch': mobilenetV2Torch,
} as const satisfies Record<string, (options: ArchitectureOptions) => LayersModel>;

export type ArchitectureName = keyof typeof architectures;
