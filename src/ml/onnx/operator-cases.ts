import type { AttributeValues, GraphBuilder } from './graph-builder.ts';

/** Deterministic values spread over (-1.5, 1.5), away from each other and from the kinks at 0, +-1 and +-3. */
export function spread(count: number, from = -1.5, to = 1.5): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, index) => from + (to - from) * ((0.137 + index * 0.61803398875) % 1),
  );
}

/** One way in which exporters use an operator. */
export interface OperatorCase {
  readonly title: string;
  readonly dims: readonly number[];
  readonly build: (g: GraphBuilder, x: string) => string;
  /** Opset the graph is written for; 18 unless told. */
  readonly opset?: number;
  readonly range?: readonly [number, number];
  readonly step?: number;
}

const w = (g: GraphBuilder, ...dims: number[]) =>
  g.floats(
    dims,
    spread(
      dims.reduce((p, d) => p * d, 1),
      -0.9,
      1.1,
    ),
  );

/** One operator over the input. */
function unary(op: string, attributes: AttributeValues = {}, more: Partial<OperatorCase> = {}): OperatorCase {
  return {
    title: `${op} ${JSON.stringify(attributes)}`,
    dims: [2, 3, 4],
    build: (g, x) => g.op(op, [x], attributes),
    ...more,
  };
}

const positive: Partial<OperatorCase> = { range: [0.3, 2.2] };

function conv(
  title: string,
  dims: number[],
  weights: number[],
  attributes: AttributeValues,
  op = 'Conv',
): OperatorCase {
  return { title: `${op} ${title}`, dims, build: (g, x) => g.op(op, [x, w(g, ...weights)], attributes) };
}

function pool(op: string, title: string, dims: number[], attributes: AttributeValues): OperatorCase {
  return { title: `${op} ${title}`, dims, build: (g, x) => g.op(op, [x], attributes) };
}

/** What operators.test.ts checks by central differences. */
export const cases: readonly OperatorCase[] = [
  ...[
    'Relu',
    'Sigmoid',
    'Tanh',
    'HardSwish',
    'Softplus',
    'Softsign',
    'Mish',
    'Erf',
    'Exp',
    'Abs',
    'Neg',
    'Sin',
    'Cos',
  ].map((op) => unary(op)),
  ...['Identity', 'Dropout', 'Celu', 'Selu'].map((op) => unary(op)),
  ...['Log', 'Sqrt', 'Reciprocal'].map((op) => unary(op, {}, positive)),
  unary('Elu', { alpha: { float: 0.7 } }),
  unary('LeakyRelu', { alpha: { float: 0.2 } }),
  unary('HardSigmoid', { alpha: { float: 0.4 }, beta: { float: 0.45 } }),
  unary('HardSwish', {}, { range: [-4.5, 4.5] }),
  unary('ThresholdedRelu', { alpha: { float: 0.31 } }),
  unary('Gelu', {}, { opset: 20 }),
  unary('Gelu', { approximate: 'tanh' }, { opset: 20 }),
  unary('Cast', { to: 1 }),
  {
    title: 'Clip of opset 9',
    dims: [2, 12],
    opset: 9,
    build: (g, x) => g.op('Clip', [x], { min: { float: -0.4 }, max: { float: 0.61 } }),
  },
  { title: 'Clip', dims: [2, 12], build: (g, x) => g.op('Clip', [x, g.scalar(-0.4), g.scalar(0.61)]) },
  { title: 'Clip from below', dims: [2, 12], build: (g, x) => g.op('Clip', [x, g.scalar(-0.4)]) },
  { title: 'Clip from above', dims: [2, 12], build: (g, x) => g.op('Clip', [x, '', g.scalar(0.4)]) },
  { title: 'Relu of an image', dims: [2, 3, 4, 5], build: (g, x) => g.op('Relu', [x]) },
  {
    title: 'Relu of a convolution',
    dims: [2, 3, 6, 6],
    build: (g, x) => g.op('Conv', [g.op('Relu', [g.op('Conv', [x, w(g, 16, 3, 3, 3)])]), w(g, 3, 16, 3, 3)]),
  },
  {
    title: 'Clip of an image',
    dims: [2, 3, 4, 5],
    build: (g, x) => g.op('Clip', [x, g.scalar(0), g.scalar(0.61)]),
  },
  {
    title: 'Clip of an image between other limits',
    dims: [2, 3, 4, 5],
    build: (g, x) => g.op('Clip', [x, g.scalar(-0.3), g.scalar(0.61)]),
  },
  { title: 'PRelu', dims: [2, 3, 4], build: (g, x) => g.op('PRelu', [x, w(g, 3, 1)]) },
  { title: 'PRelu of its own slope', dims: [2, 3, 4], build: (g, x) => g.op('PRelu', [w(g, 2, 3, 4), x]) },
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min'].flatMap((op): OperatorCase[] => [
    {
      title: `${op} with a vector`,
      dims: [2, 3, 4],
      range: [0.3, 2],
      build: (g, x) => g.op(op, [x, w(g, 4)]),
    },
    {
      title: `${op}, image second and broadcast`,
      dims: [2, 1, 4],
      range: [0.3, 2],
      build: (g, x) => g.op(op, [w(g, 2, 3, 4), x]),
    },
    {
      title: `${op} with itself moved`,
      dims: [2, 3, 4],
      range: [0.3, 2],
      build: (g, x) => g.op(op, [x, g.op('Add', [x, g.floats([2, 3, 4], spread(24, -0.2, 1.4))])]),
    },
  ]),
  { title: 'Sum of three', dims: [2, 3], build: (g, x) => g.op('Sum', [x, w(g, 3), x]) },
  { title: 'Mean of two', dims: [2, 3], build: (g, x) => g.op('Mean', [x, w(g, 3)]) },
  { title: 'Pow by 2', dims: [2, 5], build: (g, x) => g.op('Pow', [x, g.scalar(2)]) },
  { title: 'Pow by 1.7', dims: [2, 5], range: [0.3, 2], build: (g, x) => g.op('Pow', [x, g.scalar(1.7)]) },
  { title: 'Pow of a constant', dims: [2, 5], build: (g, x) => g.op('Pow', [g.scalar(1.7), x]) },
  {
    title: 'Where',
    dims: [2, 3, 4],
    build: (g, x) => g.op('Where', [g.op('Greater', [x, g.scalar(0.1)]), x, g.op('Mul', [x, x])]),
  },
  conv('3x3', [2, 3, 6, 5], [4, 3, 3, 3], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  conv('without pads', [2, 3, 6, 5], [4, 3, 3, 3], {}),
  conv('with more padding than the kernel', [2, 2, 4, 4], [3, 2, 3, 3], { pads: [3, 3, 3, 3] }),
  conv('1x1', [2, 3, 4, 4], [5, 3, 1, 1], {}),
  conv('1x1 at stride 2', [2, 3, 5, 6], [5, 3, 1, 1], { strides: [2, 2] }),
  conv('7x7 at stride 2, even and odd sides', [1, 3, 12, 11], [4, 3, 7, 7], {
    strides: [2, 2],
    pads: [3, 3, 3, 3],
  }),
  conv('at stride 2, padded right and bottom only', [2, 3, 8, 8], [4, 3, 3, 3], {
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  }),
  conv('at stride 3 with dilation', [1, 2, 13, 12], [2, 2, 3, 2], {
    strides: [3, 2],
    dilations: [2, 3],
    pads: [1, 2, 0, 1],
  }),
  conv('dilated', [2, 2, 8, 8], [3, 2, 3, 3], { dilations: [2, 2], pads: [2, 2, 2, 2] }),
  conv('depthwise', [2, 4, 6, 6], [4, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1] }),
  conv('depthwise 5x5 at stride 2', [2, 4, 7, 8], [4, 1, 5, 5], {
    group: 4,
    strides: [2, 2],
    pads: [2, 2, 2, 2],
  }),
  conv('depthwise 3x3 at stride 2, even sides', [2, 4, 8, 8], [4, 1, 3, 3], {
    group: 4,
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  conv('depthwise with multiplier', [2, 2, 6, 6], [6, 1, 3, 3], { group: 2, pads: [1, 1, 1, 1] }),
  conv('in two groups', [2, 4, 5, 5], [6, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }),
  conv('in two groups at stride 2', [2, 4, 5, 6], [6, 2, 3, 3], {
    group: 2,
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  conv('1x7', [1, 2, 5, 9], [3, 2, 1, 7], { pads: [0, 3, 0, 3] }),
  conv('SAME_UPPER at stride 2', [1, 2, 7, 8], [3, 2, 3, 3], {
    auto_pad: 'SAME_UPPER',
    strides: [2, 2],
    kernel_shape: [3, 3],
  }),
  conv('SAME_LOWER at stride 2', [1, 2, 7, 8], [3, 2, 4, 4], {
    auto_pad: 'SAME_LOWER',
    strides: [2, 2],
    kernel_shape: [4, 4],
  }),
  conv('VALID', [1, 2, 7, 8], [3, 2, 3, 3], { auto_pad: 'VALID', strides: [2, 2], kernel_shape: [3, 3] }),
  conv('in one dimension', [2, 3, 9], [4, 3, 3], { pads: [1, 1], strides: [2] }),
  conv('plain', [2, 3, 4, 5], [3, 2, 3, 3], {}, 'ConvTranspose'),
  conv(
    'at stride 2',
    [2, 3, 4, 5],
    [3, 2, 3, 3],
    { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
    'ConvTranspose',
  ),
  conv('in groups', [2, 4, 4, 5], [4, 2, 2, 2], { strides: [2, 2], group: 2 }, 'ConvTranspose'),
  pool('MaxPool', '2x2', [2, 2, 6, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  pool('MaxPool', '3x3 at stride 2 with pads', [2, 2, 7, 8], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  }),
  pool('MaxPool', 'rounding up', [2, 2, 6, 6], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  pool('MaxPool', 'overlapping', [1, 2, 5, 5], { kernel_shape: [3, 3], strides: [1, 1] }),
  pool('MaxPool', 'dilated', [1, 2, 8, 8], { kernel_shape: [2, 2], dilations: [2, 2], strides: [2, 2] }),
  pool('MaxPool', 'SAME_UPPER', [1, 2, 7, 7], {
    kernel_shape: [2, 2],
    strides: [2, 2],
    auto_pad: 'SAME_UPPER',
  }),
  pool('AveragePool', '2x2', [2, 2, 6, 6], { kernel_shape: [2, 2], strides: [2, 2] }),
  pool('AveragePool', 'pads not counted', [2, 2, 6, 5], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
  pool('AveragePool', 'pads counted', [2, 2, 6, 5], {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
    count_include_pad: 1,
  }),
  pool('AveragePool', 'rounding up', [1, 2, 6, 7], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }),
  pool('AveragePool', 'that leaves a border unread', [1, 2, 6, 8], { kernel_shape: [2, 2], strides: [3, 3] }),
  pool('GlobalAveragePool', 'of 5x4', [2, 3, 5, 4], {}),
  pool('GlobalMaxPool', 'of 5x4', [2, 3, 5, 4], {}),
  ...[
    'ReduceSum',
    'ReduceMean',
    'ReduceMax',
    'ReduceMin',
    'ReduceL1',
    'ReduceL2',
    'ReduceSumSquare',
    'ReduceLogSumExp',
  ].flatMap((op): OperatorCase[] => [
    {
      title: `${op} over two axes`,
      dims: [2, 3, 4, 5],
      build: (g, x) => g.op(op, [x, g.ints([2, -1])], { keepdims: 0 }),
    },
    { title: `${op} kept`, dims: [2, 3, 4], build: (g, x) => g.op(op, [x, g.ints([1])], { keepdims: 1 }) },
  ]),
  {
    title: 'ReduceMean of opset 13',
    dims: [2, 3, 4, 5],
    opset: 13,
    build: (g, x) => g.op('ReduceMean', [x], { axes: [2, 3], keepdims: 0 }),
  },
  {
    title: 'ReduceSum of opset 11',
    dims: [2, 3, 4, 5],
    opset: 11,
    build: (g, x) => g.op('ReduceSum', [x], { axes: [-1], keepdims: 0 }),
  },
  {
    title: 'Gemm',
    dims: [2, 4],
    build: (g, x) => g.op('Gemm', [x, w(g, 4, 3), w(g, 3)], { alpha: { float: 0.5 }, beta: { float: 2 } }),
  },
  {
    title: 'Gemm with transposed weights',
    dims: [2, 4],
    build: (g, x) => g.op('Gemm', [x, w(g, 3, 4)], { transB: 1 }),
  },
  {
    title: 'Gemm with the image transposed',
    dims: [4, 2],
    build: (g, x) => g.op('Gemm', [x, w(g, 3, 4)], { transA: 1, transB: 1 }),
  },
  { title: 'Gemm with the image second', dims: [4, 3], build: (g, x) => g.op('Gemm', [w(g, 2, 4), x]) },
  {
    title: 'Gemm with the image second, transposed',
    dims: [3, 4],
    build: (g, x) => g.op('Gemm', [w(g, 4, 2), x], { transA: 1, transB: 1 }),
  },
  {
    title: 'Gemm with the image as bias',
    dims: [1, 3],
    build: (g, x) => g.op('Gemm', [w(g, 2, 4), w(g, 4, 3), x]),
  },
  { title: 'MatMul with weights', dims: [2, 3, 4], build: (g, x) => g.op('MatMul', [x, w(g, 4, 5)]) },
  {
    title: 'MatMul with the image second',
    dims: [2, 3, 4],
    build: (g, x) => g.op('MatMul', [w(g, 5, 3), x]),
  },
  {
    title: 'MatMul of two image tensors',
    dims: [2, 2, 3, 4],
    build: (g, x) => g.op('MatMul', [x, g.op('Transpose', [x], { perm: [0, 1, 3, 2] })]),
  },
  { title: 'MatMul broadcast', dims: [2, 1, 3, 4], build: (g, x) => g.op('MatMul', [x, w(g, 2, 4, 3)]) },
  { title: 'MatMul with a vector', dims: [2, 3, 4], build: (g, x) => g.op('MatMul', [x, w(g, 4)]) },
  {
    title: 'Einsum',
    dims: [2, 3, 4],
    build: (g, x) => g.op('Einsum', [x, w(g, 4, 5)], { equation: 'abc,cd->abd' }),
  },
  {
    title: 'Concat',
    dims: [2, 3, 4],
    build: (g, x) => g.op('Concat', [x, w(g, 2, 2, 4), g.op('Mul', [x, x])], { axis: 1 }),
  },
  {
    title: 'Split, one part unused',
    dims: [2, 6, 4],
    build: (g, x) => {
      const [a = '', , c = ''] = g.opWithOutputs('Split', [x, g.ints([1, 3, 2])], 3, { axis: 1 });
      return g.op('Concat', [c, g.op('Mul', [a, a])], { axis: 1 });
    },
  },
  {
    title: 'Split of opset 11',
    dims: [2, 6, 4],
    opset: 11,
    build: (g, x) => {
      const [a = '', b = ''] = g.opWithOutputs('Split', [x], 2, { axis: -2, split: [2, 4] });
      return g.op('Concat', [b, a], { axis: 1 });
    },
  },
  {
    title: 'Slice',
    dims: [2, 5, 6],
    build: (g, x) => g.op('Slice', [x, g.ints([1, -4]), g.ints([4, 2 ** 31]), g.ints([1, 2])]),
  },
  {
    title: 'Slice with steps',
    dims: [2, 5, 6],
    build: (g, x) => g.op('Slice', [x, g.ints([0]), g.ints([6]), g.ints([2]), g.ints([2])]),
  },
  {
    title: 'Slice backwards',
    dims: [2, 5, 6],
    build: (g, x) => g.op('Slice', [x, g.ints([-1]), g.ints([-7]), g.ints([2]), g.ints([-1])]),
  },
  {
    title: 'Slice of opset 9',
    dims: [2, 5, 6],
    opset: 9,
    build: (g, x) => g.op('Slice', [x], { starts: [1], ends: [3], axes: [1] }),
  },
  {
    title: 'Gather of one',
    dims: [2, 5, 6],
    build: (g, x) =>
      g.op('Gather', [x, g.tensor({ type: 7, dims: [], raw: new Uint8Array(8) })], { axis: 1 }),
  },
  {
    title: 'Gather of several, one twice',
    dims: [2, 5, 6],
    build: (g, x) => g.op('Gather', [x, g.ints([3, 0, 3, -1])], { axis: 1 }),
  },
  {
    title: 'Gather along the last axis',
    dims: [2, 5],
    build: (g, x) => g.op('Gather', [x, g.ints([3, 0, 3])], { axis: 1 }),
  },
  { title: 'Flatten', dims: [2, 3, 4], build: (g, x) => g.op('Flatten', [x], { axis: 1 }) },
  { title: 'Reshape', dims: [2, 3, 4], build: (g, x) => g.op('Reshape', [x, g.ints([0, 2, -1])]) },
  {
    title: 'Squeeze and Unsqueeze',
    dims: [2, 1, 4],
    build: (g, x) => g.op('Unsqueeze', [g.op('Squeeze', [x, g.ints([1])]), g.ints([0, 3])]),
  },
  {
    title: 'Squeeze of opset 11',
    dims: [2, 1, 4],
    opset: 11,
    build: (g, x) => g.op('Squeeze', [x], { axes: [1] }),
  },
  { title: 'Transpose', dims: [2, 3, 4, 5], build: (g, x) => g.op('Transpose', [x], { perm: [2, 0, 3, 1] }) },
  { title: 'Transpose without order', dims: [2, 3, 4], build: (g, x) => g.op('Transpose', [x]) },
  { title: 'Expand', dims: [2, 1, 4], build: (g, x) => g.op('Expand', [x, g.ints([3, 1, 5, 1])]) },
  { title: 'Tile', dims: [2, 3, 4], build: (g, x) => g.op('Tile', [x, g.ints([1, 2, 3])]) },
  {
    title: 'Pad',
    dims: [2, 3, 4],
    build: (g, x) => g.op('Pad', [x, g.ints([0, 1, 2, 0, 0, 1]), g.scalar(0.5)]),
  },
  {
    title: 'Pad that crops',
    dims: [2, 5, 4],
    build: (g, x) => g.op('Pad', [x, g.ints([0, -1, 0, 0, -2, 1])]),
  },
  {
    title: 'Pad of opset 9',
    dims: [2, 3, 4],
    opset: 9,
    build: (g, x) => g.op('Pad', [x], { pads: [0, 1, 0, 0, 0, 2] }),
  },
  {
    title: 'Pad by reflection',
    dims: [1, 2, 4, 5],
    build: (g, x) => g.op('Pad', [x, g.ints([0, 0, 2, 1, 0, 0, 1, 3])], { mode: 'reflect' }),
  },
  {
    title: 'Pad by edge',
    dims: [1, 2, 4, 5],
    build: (g, x) => g.op('Pad', [x, g.ints([0, 0, 2, 1, 0, 0, 1, 3])], { mode: 'edge' }),
  },
  {
    title: 'DepthToSpace DCR',
    dims: [2, 8, 2, 3],
    build: (g, x) => g.op('DepthToSpace', [x], { blocksize: 2 }),
  },
  {
    title: 'DepthToSpace CRD',
    dims: [2, 8, 2, 3],
    build: (g, x) => g.op('DepthToSpace', [x], { blocksize: 2, mode: 'CRD' }),
  },
  { title: 'SpaceToDepth', dims: [2, 2, 4, 6], build: (g, x) => g.op('SpaceToDepth', [x], { blocksize: 2 }) },
  {
    title: 'BatchNormalization',
    dims: [2, 3, 4, 4],
    build: (g, x) =>
      g.op(
        'BatchNormalization',
        [x, w(g, 3), w(g, 3), w(g, 3), g.floats([3], Float32Array.of(0.5, 1.2, 2))],
        { epsilon: { float: 0.01 } },
      ),
  },
  {
    title: 'InstanceNormalization',
    dims: [2, 3, 4, 4],
    build: (g, x) => g.op('InstanceNormalization', [x, w(g, 3), w(g, 3)], { epsilon: { float: 0.01 } }),
  },
  {
    title: 'LayerNormalization',
    dims: [2, 3, 6],
    build: (g, x) =>
      g.op('LayerNormalization', [x, w(g, 6), w(g, 6)], { axis: -1, epsilon: { float: 0.01 } }),
  },
  {
    title: 'LayerNormalization over two axes',
    dims: [2, 3, 6],
    build: (g, x) => g.op('LayerNormalization', [x, w(g, 3, 6)], { axis: 1 }),
  },
  unary('Softmax', { axis: 1 }),
  unary('LogSoftmax', { axis: -1 }),
  unary('Softmax', { axis: 2 }, { opset: 11, title: 'Softmax of opset 11 along the last axis' }),
  {
    title: 'LpNormalization',
    dims: [2, 5],
    build: (g, x) => g.op('LpNormalization', [x], { axis: 1, p: 2 }),
  },
  {
    title: 'Resize nearest',
    dims: [1, 2, 3, 4],
    build: (g, x) => g.op('Resize', [x, '', g.floats([4], Float32Array.of(1, 1, 2, 2))], { mode: 'nearest' }),
  },
  {
    title: 'Resize linear',
    dims: [1, 2, 3, 4],
    build: (g, x) => g.op('Resize', [x, '', '', g.ints([1, 2, 7, 5])], { mode: 'linear' }),
  },
  {
    title: 'Resize linear downwards',
    dims: [1, 2, 7, 8],
    build: (g, x) =>
      g.op('Resize', [x, '', '', g.ints([1, 2, 4, 3])], {
        mode: 'linear',
        coordinate_transformation_mode: 'align_corners',
      }),
  },
  {
    title: 'Upsample of opset 9',
    dims: [1, 2, 3, 4],
    opset: 9,
    build: (g, x) => g.op('Upsample', [x, g.floats([4], Float32Array.of(1, 1, 2, 2))], { mode: 'nearest' }),
  },
];
