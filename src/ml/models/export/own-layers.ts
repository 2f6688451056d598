import { adaptiveMeans } from '../architectures/adaptive-pooling.ts';
import {
  imageShape,
  requiredWeight,
  unsupportedLayer,
  type Converter,
  type LayerCall,
} from './layer-call.ts';

/** Converters of the layers of `architectures/` that TensorFlow.js lacks, and of the layer normalisation between them. */
export const ownConverters: readonly (readonly [string, Converter])[] = [
  ['ChannelNormalisation', writeChannelNormalisation],
  ['AdaptivePooling', writeAdaptivePooling],
  ['HardSigmoid6', writeHardSigmoid],
  ['HardSwish6', (call) => call.builder.op('Mul', [call.inputs()[0], writeHardSigmoid(call)])],
  ['LayerNormalization', writeLayerNormalisation],
  ['TokenEmbedding', writeTokenEmbedding],
  ['SelfAttention', writeSelfAttention],
  ['FirstToken', writeFirstToken],
];

/** (x - mean) / deviation over the channels, which stand second. */
function writeChannelNormalisation({ builder, config, inputs }: LayerCall): string {
  const row = (values: unknown): string => {
    const numbers = Float32Array.from(values as number[]);
    return builder.floats([1, numbers.length, 1, 1], numbers);
  };
  const centred = builder.op('Sub', [inputs()[0], row(config['mean'])]);
  return builder.op('Div', [centred, row(config['deviation'])]);
}

/** Both means as multiplications: rows from the left, columns from the right. */
function writeAdaptivePooling({ builder, config, inputs, layer, value }: LayerCall): string {
  const side = Number(config['side']);
  const [rows, columns] = imageShape(layer, value.inputs[0]);
  const transposed = adaptiveMeans(columns, side)[0].map((_, j) =>
    adaptiveMeans(columns, side).map((row) => row[j]),
  );
  const byColumns = builder.op('MatMul', [
    inputs()[0],
    builder.floats([columns, side], Float32Array.from(transposed.flat())),
  ]);
  const left = builder.floats([side, rows], Float32Array.from(adaptiveMeans(rows, side).flat()));
  return builder.op('MatMul', [left, byColumns]);
}

function writeHardSigmoid({ builder, inputs }: LayerCall): string {
  return builder.op('HardSigmoid', [inputs()[0]], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
}

function writeLayerNormalisation({ builder, config, inputs, layer, value }: LayerCall): string {
  const rank = value.shape.length;
  const axes = [config['axis']].flat().map(Number);
  const last = axes.length === 1 && (axes[0] === -1 || axes[0] === rank - 1);
  if (!last || rank === 4) throw unsupportedLayer(layer, 'normalises other axes than the last one');
  const [scale, offset] = ['gamma', 'beta'].map((name) => {
    const { shape, values } = requiredWeight(layer, name);
    return builder.floats(shape, values);
  });
  return builder.op('LayerNormalization', [inputs()[0], scale, offset], {
    axis: -1,
    epsilon: { float: Number(config['epsilon']) },
  });
}

/** The class token, its position added, is a constant row that takes its batch size from the tokens. */
function writeTokenEmbedding({ builder, inputs, layer }: LayerCall): string {
  const token = requiredWeight(layer, 'cls_token');
  const positions = requiredWeight(layer, 'pos_embed');
  const [, count, width] = positions.shape;
  const x = inputs()[0];
  // 0 times a token leaves zeros of the right batch size, which ONNX writes without reading shapes.
  const zeros = builder.op('Mul', [
    builder.op('Slice', [x, builder.ints([0]), builder.ints([1]), builder.ints([1])]),
    builder.scalar(0),
  ]);
  const first = builder.op('Add', [zeros, builder.floats([1, 1, width], token.values)]);
  const all = builder.op('Concat', [first, x], { axis: 1 });
  return builder.op('Add', [all, builder.floats([1, count, width], positions.values)]);
}

function writeSelfAttention({ builder, config, inputs, value }: LayerCall): string {
  const [, n, width] = value.shape.map(Number);
  const heads = Number(config['heads']);
  const depth = width / heads;
  const x = inputs()[0];
  const part = (index: number, perm: number[]): string => {
    const from = index * width;
    const slice = [builder.ints([from]), builder.ints([from + width]), builder.ints([2])];
    const split = builder.op('Reshape', [
      builder.op('Slice', [x, ...slice]),
      builder.ints([0, n, heads, depth]),
    ]);
    return builder.op('Transpose', [split], { perm });
  };
  const queries = builder.op('Mul', [part(0, [0, 2, 1, 3]), builder.scalar(1 / Math.sqrt(depth))]);
  const scores = builder.op('MatMul', [queries, part(1, [0, 2, 3, 1])]);
  const mixed = builder.op('MatMul', [builder.op('Softmax', [scores], { axis: -1 }), part(2, [0, 2, 1, 3])]);
  const together = builder.op('Transpose', [mixed], { perm: [0, 2, 1, 3] });
  return builder.op('Reshape', [together, builder.ints([0, n, width])]);
}

function writeFirstToken({ builder, inputs }: LayerCall): string {
  const slice = builder.op('Slice', [inputs()[0], builder.ints([0]), builder.ints([1]), builder.ints([1])]);
  return builder.op('Flatten', [slice], { axis: 1 });
}
