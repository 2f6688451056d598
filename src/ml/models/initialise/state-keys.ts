import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import {
  flattenToChannelsLast,
  linearToKernel,
  toDepthwise,
  toHwio,
  type StateTensor,
} from './weight-layout.ts';

type Layer = LayersModel['layers'][number];
type Weight = Layer['weights'][number];

/** A weight of a network and where a PyTorch state dictionary keeps it. */
export interface StateKey {
  /** `layer/weight`, the network's own name. */
  readonly name: string;
  readonly weight: Weight;
  /** E.g. `layer1.0.conv1.weight`. */
  readonly key: string;
  /** Shape in the dictionary. */
  readonly shape: readonly number[];
  /** Values in the network's order of axes. */
  readonly arrange: (tensor: StateTensor) => Float32Array;
  /** For a tensor of a batch normalisation: the convolution right before it, into which exporters fold it. */
  readonly folded?: { readonly convolution: string; readonly role: FoldedRole; readonly epsilon: number };
}

type FoldedRole = 'gamma' | 'beta' | 'moving_mean' | 'moving_variance';

const NORMALISATION_KEYS: Readonly<Record<FoldedRole, string>> = {
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/** All weights of a network with their names in PyTorch, provided its layers are named as PyTorch's modules. */
export function stateKeys(model: LayersModel): StateKey[] {
  return model.layers.flatMap((layer) =>
    'layers' in layer ? stateKeys(layer as LayersModel) : layer.weights.map((weight) => keyOf(layer, weight)),
  );
}

function keyOf(layer: Layer, weight: Weight): StateKey {
  const role = weight.originalName.split('/').at(-1) ?? '';
  const shape = weight.shape.map(Number);
  const plain = (key: string): StateKey => ({
    name: `${layer.name}/${role}`,
    weight,
    key,
    shape,
    arrange: ({ values }) => values,
  });
  switch (layer.getClassName()) {
    case 'Conv2D': {
      if (role !== 'kernel') return plain(`${layer.name}.bias`);
      const [rows, columns, inputs, outputs] = shape;
      return { ...plain(`${layer.name}.weight`), shape: [outputs, inputs, rows, columns], arrange: toHwio };
    }
    case 'DepthwiseConv2D': {
      if (role !== 'depthwise_kernel') return plain(`${layer.name}.bias`);
      const [rows, columns, inputs, multiplier] = shape;
      const state = [inputs * multiplier, 1, rows, columns];
      return { ...plain(`${layer.name}.weight`), shape: state, arrange: toDepthwise };
    }
    case 'Dense': {
      if (role !== 'kernel') return plain(`${layer.name}.bias`);
      const [inputs, outputs] = shape;
      const image = flattenedImage(layer);
      const arrange =
        image === undefined
          ? linearToKernel
          : (tensor: StateTensor): Float32Array => linearToKernel(flattenToChannelsLast(tensor, image));
      return { ...plain(`${layer.name}.weight`), shape: [outputs, inputs], arrange };
    }
    case 'BatchNormalization':
    case 'LayerNormalization': {
      if (!isFoldedRole(role)) return plain(`${layer.name}.${role}`);
      const convolution = convolutionBefore(layer);
      const epsilon = Number(layer.getConfig()['epsilon']);
      const key = plain(`${layer.name}.${NORMALISATION_KEYS[role]}`);
      return convolution === undefined ? key : { ...key, folded: { convolution, role, epsilon } };
    }
    // Top-level parameters of a vision transformer.
    case 'TokenEmbedding':
      return plain(role);
    default:
      return plain(`${layer.name}.${role}`);
  }
}

function isFoldedRole(role: string): role is FoldedRole {
  return Object.hasOwn(NORMALISATION_KEYS, role);
}

function inputOf(layer: Layer): SymbolicTensor | undefined {
  const { input } = layer;
  return Array.isArray(input) ? input[0] : input;
}

/** [rows, columns, channels] of the image that was flattened right before a dense layer, dropout aside. */
function flattenedImage(layer: Layer): readonly number[] | undefined {
  const source = inputOf(layer)?.sourceLayer;
  if (source === undefined) return undefined;
  if (source.getClassName() === 'Dropout') return flattenedImage(source);
  if (source.getClassName() !== 'Flatten') return undefined;
  const shape = inputOf(source)?.shape ?? [];
  return shape.length === 4 ? shape.slice(1).map(Number) : undefined;
}

function convolutionBefore(layer: Layer): string | undefined {
  const source = inputOf(layer)?.sourceLayer;
  return source !== undefined && ['Conv2D', 'DepthwiseConv2D'].includes(source.getClassName())
    ? source.name
    : undefined;
}
