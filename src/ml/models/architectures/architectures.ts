import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ArchitectureOptions } from './blocks.ts';
import { cifarResnet18 } from './cifar-resnet18.ts';
import { densenet121 } from './densenet121.ts';
import { efficientnetB0 } from './efficientnet-b0.ts';
import { inceptionV3 } from './inception-v3.ts';
import { mobilenetV2, mobilenetV2Torch } from './mobilenetv2.ts';
import { mobilenetV3Large } from './mobilenetv3-large.ts';
import { resnet18 } from './resnet18.ts';
import { resnet34 } from './resnet34.ts';
import { resnet50 } from './resnet50.ts';
import { smallMobilenet } from './small-mobilenet.ts';
import { smallResnet } from './small-resnet.ts';
import { smallVgg } from './small-vgg.ts';
import { vgg16Bn } from './vgg16-bn.ts';
import { vitS16 } from './vit-s16.ts';
import { wideResnet34x10 } from './wide-resnet34-10.ts';

/** Networks that can be trained here, by the name settings and model cards use. */
export const architectures = {
  'small-resnet': smallResnet,
  'small-vgg': smallVgg,
  'small-mobilenet': smallMobilenet,
  resnet18,
  resnet34,
  resnet50,
  'cifar-resnet18': cifarResnet18,
  'wide-resnet-34-10': wideResnet34x10,
  'vgg16-bn': vgg16Bn,
  densenet121,
  'inception-v3': inceptionV3,
  mobilenetv2: mobilenetV2,
  'mobilenetv2-torch': mobilenetV2Torch,
  'mobilenetv3-large': mobilenetV3Large,
  'efficientnet-b0': efficientnetB0,
  'vit-s16': vitS16,
} as const satisfies Record<string, (options: ArchitectureOptions) => LayersModel>;

export type ArchitectureName = keyof typeof architectures;
