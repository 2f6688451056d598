import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { Failure } from '../../../shared/failure.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { SelfAttention, TokenEmbedding } from './attention.ts';
import { apply, type ArchitectureOptions } from './blocks.ts';
import { CENTRED } from './channel-normalisation.ts';
import { FirstToken } from './first-token.ts';
import { leCunUniform, truncatedNormal } from './initial-weights.ts';
import { network, type Network } from './network.ts';

const PATCH = 16;
const WIDTH = 384;
const DEPTH = 12;
const HEADS = 6;
const draw = truncatedNormal(0.02);

/**
 * ViT-S/16 (Dosovitskiy et al., ICLR 2021; the small one of Touvron et al., ICML 2021) with timm's layer names: 22,050,664
 * trained weights at 224 px and 1,000 classes. The side must be a multiple of 16 (else Failure `settings-invalid`); weights are bound to it by their positions.
 */
export function vitS16(options: ArchitectureOptions): LayersModel {
  const { inputSize, classes } = options;
  if (inputSize % PATCH !== 0) {
    throw new Failure(
      'settings-invalid',
      `ViT-S/16 takes sides that are multiples of 16 pixels, not ${inputSize}`,
      {
        subject: 'inputSize',
        hint: 'Give a --size of 224, or another multiple of 16.',
      },
    );
  }
  const net = network(options, { kernels: leCunUniform });
  const { image, normalised } = net.input(CENTRED);
  const patches = net.convolution(normalised, 'patch_embed.proj', {
    filters: WIDTH,
    size: PATCH,
    strides: PATCH,
    pad: 0,
    bias: true,
    drawBias: leCunUniform,
  });
  const tokens = (inputSize / PATCH) ** 2;
  let x = apply(tf.layers.reshape({ targetShape: [tokens, WIDTH], name: 'patch_embed' }), patches);
  x = apply(new TokenEmbedding({ name: 'embedding' }), x);
  net.drawn('embedding/cls_token', truncatedNormal(1e-6));
  net.drawn('embedding/pos_embed', draw);
  for (let block = 0; block < DEPTH; block++) x = encoderBlock(net, x, `blocks.${block}`);
  const first = apply(new FirstToken({ name: 'token' }), layerNorm(x, 'norm'));
  return net.finish('vit_s16', image, net.dense(first, 'head', { units: classes, draw }));
}

function encoderBlock(net: Network, x: SymbolicTensor, name: string): SymbolicTensor {
  let y = net.dense(layerNorm(x, `${name}.norm1`), `${name}.attn.qkv`, { units: 3 * WIDTH, draw });
  y = apply(new SelfAttention({ heads: HEADS, name: `${name}.attn` }), y);
  y = net.dense(y, `${name}.attn.proj`, { units: WIDTH, draw });
  const middle = apply(tf.layers.add({ name: `${name}.add1` }), [x, y]);
  y = net.dense(layerNorm(middle, `${name}.norm2`), `${name}.mlp.fc1`, { units: 4 * WIDTH, draw });
  y = apply(tf.layers.activation({ activation: 'gelu', name: `${name}.mlp.act` }), y);
  y = net.dense(y, `${name}.mlp.fc2`, { units: WIDTH, draw });
  return apply(tf.layers.add({ name: `${name}.add2` }), [middle, y]);
}

function layerNorm(x: SymbolicTensor, name: string): SymbolicTensor {
  return apply(tf.layers.layerNormalization({ axis: -1, epsilon: 1e-6, name }), x);
}
