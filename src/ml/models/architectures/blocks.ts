import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { deriveSeed } from '../../random.ts';
import { tf } from '../../runtime/tensorflow.ts';

export interface ArchitectureOptions {
  /** Side of the square input in pixels. */
  readonly inputSize: number;
  readonly classes: number;
  /** Decides every initial weight. */
  readonly seed: number;
  /** 'zero' skips the drawing, for weights that are set from a file at once; heeded by the full-size networks. */
  readonly weights?: 'drawn' | 'zero';
}

export interface ConvolutionOptions {
  readonly kernelSize: number;
  readonly filters: number;
  readonly strides?: number;
  /** 'none' leaves the normalised sum as it is. */
  readonly activation?: 'relu' | 'relu6' | 'none';
}

/** Layer makers that share a seed: each layer's weights are drawn from its own sequence, named after the layer. */
export interface Blocks {
  /** Images in [0, 1], [size, size, 3], and their mapping to about zero mean and unit variance. */
  input(): { image: SymbolicTensor; normalised: SymbolicTensor };
  /** Convolution ('same') + batch normalisation + activation; He initialisation (He et al., ICCV 2015). */
  convolution(x: SymbolicTensor, name: string, options: ConvolutionOptions): SymbolicTensor;
  depthwise(x: SymbolicTensor, name: string, options: Omit<ConvolutionOptions, 'filters'>): SymbolicTensor;
  /** Global average pooling and a linear layer: the logits. */
  head(x: SymbolicTensor, dropout?: number): SymbolicTensor;
}

// Batch statistics follow quickly, as runs are short; 0.001 is the Keras value of epsilon.
const NORMALISATION = { momentum: 0.9, epsilon: 1e-3 };

export function blocks({ inputSize, classes, seed }: ArchitectureOptions): Blocks {
  const he = (name: string) => tf.initializers.heNormal({ seed: deriveSeed(seed, name) });

  const normaliseAndActivate = (
    x: SymbolicTensor,
    name: string,
    activation: ConvolutionOptions['activation'] = 'relu',
  ): SymbolicTensor => {
    const normalised = apply(tf.layers.batchNormalization({ ...NORMALISATION, name: `${name}_bn` }), x);
    if (activation === 'none') return normalised;
    const ceiling = activation === 'relu6' ? { maxValue: 6 } : {};
    return apply(tf.layers.reLU({ name: `${name}_relu`, ...ceiling }), normalised);
  };

  return {
    input: () => {
      const image = tf.input({ shape: [inputSize, inputSize, 3], name: 'image' });
      const layer = tf.layers.rescaling({ scale: 4, offset: -1.5, name: 'normalise' });
      return { image, normalised: apply(layer, image) };
    },
    convolution: (x, name, { kernelSize, filters, strides = 1, activation }) => {
      const config = { name, kernelSize, filters, strides, padding: 'same', useBias: false } as const;
      const layer = tf.layers.conv2d({ ...config, kernelInitializer: he(name) });
      return normaliseAndActivate(apply(layer, x), name, activation);
    },
    depthwise: (x, name, { kernelSize, strides = 1, activation }) => {
      // The initialiser's fan-in would count all channels, of which a depthwise filter sees one.
      const depthwiseInitializer = tf.initializers.randomNormal({
        stddev: Math.sqrt(2 / kernelSize ** 2),
        seed: deriveSeed(seed, name),
      });
      const config = { name, kernelSize, strides, padding: 'same', useBias: false } as const;
      const layer = tf.layers.depthwiseConv2d({ ...config, depthwiseInitializer });
      return normaliseAndActivate(apply(layer, x), name, activation);
    },
    head: (x, dropout = 0) => {
      const pooled = apply(tf.layers.globalAveragePooling2d({ name: 'pool' }), x);
      const kept =
        dropout > 0
          ? apply(
              tf.layers.dropout({ rate: dropout, seed: deriveSeed(seed, 'dropout'), name: 'dropout' }),
              pooled,
            )
          : pooled;
      const kernelInitializer = tf.initializers.glorotNormal({ seed: deriveSeed(seed, 'logits') });
      return apply(tf.layers.dense({ units: classes, name: 'logits', kernelInitializer }), kept);
    },
  };
}

/** Applies a layer to one symbolic tensor, or to several for a merging layer. */
export function apply(
  layer: { apply(x: SymbolicTensor | SymbolicTensor[]): unknown },
  x: SymbolicTensor | SymbolicTensor[],
): SymbolicTensor {
  return layer.apply(x) as SymbolicTensor;
}
