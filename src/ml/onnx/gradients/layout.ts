import type { OnnxNode } from '../graph.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../graph.ts';
import type { Shape } from '../shapes.ts';
import { expandOperand, fixedSize, normaliseAxis } from '../shapes.ts';
import { reshapeTo, sumToShape } from './broadcast.ts';
import type { GradientContext, GradientRule } from './rule.ts';
import { RuleGap, input, optionalInput, output } from './rule.ts';

const passReshaped: GradientRule = (node, dy, context) => [
  reshapeTo(dy, context.shapeOf(input(node)), context),
];

/** Operators that move, cut or repeat elements. */
export const layoutRules: Readonly<Record<string, GradientRule>> = {
  Identity: (_node, dy) => [dy],
  Dropout: (_node, dy) => [dy],
  Cast: (_node, dy, { builder }) => [builder.op('Cast', [dy], { to: 1 })],
  Flatten: passReshaped,
  Reshape: passReshaped,
  Squeeze: passReshaped,
  Unsqueeze: passReshaped,
  Expand: (node, dy, context) => [
    sumToShape(dy, context.shapeOf(output(node)), context.shapeOf(input(node)), context),
  ],
  Transpose: (node, dy, { builder, shapeOf }) => {
    const rank = shapeOf(input(node)).length;
    const perm = intsAttribute(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return [builder.op('Transpose', [dy], { perm: inverse })];
  },
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  DepthToSpace: (node, dy, context) => [depthToSpace(node, dy, context)],
  SpaceToDepth: (node, dy, { builder }) => [
    builder.op('DepthToSpace', [dy], { blocksize: intAttribute(node, 'blocksize', 1), mode: 'DCR' }),
  ],
  Tile: tile,
};

function concat(node: OnnxNode, dy: string, context: GradientContext): (string | undefined)[] {
  const { builder } = context;
  const axis = normaliseAxis(intAttribute(node, 'axis', 0), context.shapeOf(output(node)).length);
  const sizes = node.inputs.map((name) => sizeAt(context.shapeOf(name), axis, node));
  const parts = builder.opWithOutputs('Split', [dy, builder.ints(sizes)], sizes.length, { axis });
  return parts.map((part, index) => (context.wanted(node.inputs[index]) ? part : undefined));
}

function split(
  node: OnnxNode,
  _dy: string,
  context: GradientContext,
  all: readonly (string | undefined)[],
): string[] {
  const { builder } = context;
  const parts = node.outputs.map((name, index) => {
    const gradient = all[index];
    if (gradient !== undefined) return gradient;
    return zeros(context.shapeOf(name), input(node), context);
  });
  return [builder.op('Concat', parts, { axis: intAttribute(node, 'axis', 0) })];
}

/** Zeros are put back around the cut; with steps, between the samples too, by scattering. */
function slice(node: OnnxNode, dy: string, context: GradientContext): string[] {
  const { builder } = context;
  const shape = context.shapeOf(input(node));
  const cut = context.shapeOf(output(node));
  const starts = operand(node, 1, context);
  const count = starts.length;
  const axes = optionalInput(node, 3) === undefined ? starts.map((_, i) => i) : operand(node, 3, context);
  const steps = optionalInput(node, 4) === undefined ? starts.map(() => 1) : operand(node, 4, context);
  let gradient = dy;
  const before = shape.map(() => 0);
  const after = shape.map(() => 0);
  for (let index = 0; index < count; index += 1) {
    const axis = normaliseAxis(axes[index] ?? 0, shape.length);
    const step = steps[index] ?? 1;
    const full = fixedSize(shape[axis]);
    const kept = fixedSize(cut[axis]);
    if (full === undefined || kept === undefined) {
      if (typeof shape[axis] === 'object' && typeof cut[axis] === 'object') continue;
      throw new RuleGap('Slice along the batch');
    }
    const raw = starts[index] ?? 0;
    const wrapped = raw < 0 ? raw + full : raw;
    const start = Math.min(Math.max(wrapped, 0), step < 0 ? full - 1 : full);
    if (step === 1) {
      before[axis] = start;
      after[axis] = full - start - kept;
    } else {
      gradient = scatterAlong(gradient, axis, full, start, step, kept, context);
    }
  }
  if (before.every((size) => size === 0) && after.every((size) => size === 0)) return [gradient];
  return [builder.op('Pad', [gradient, builder.ints([...before, ...after]), builder.scalar(0)])];
}

/** Picks, for every position along the axis, its sample of the gradient or a zero appended to it. */
function scatterAlong(
  gradient: string,
  axis: number,
  full: number,
  start: number,
  step: number,
  kept: number,
  { builder }: GradientContext,
): string {
  const source = Array.from({ length: full }, () => kept);
  for (let k = 0; k < kept; k += 1) source[start + k * step] = k;
  const extended = builder.op('Pad', [
    gradient,
    builder.ints([0, 1]),
    builder.scalar(0),
    builder.ints([axis]),
  ]);
  return builder.op('Gather', [extended, builder.ints(source)], { axis });
}

/** Only constant padding moves no gradient; reflected and repeated borders add theirs to the samples they copied. */
function pad(node: OnnxNode, dy: string, context: GradientContext): (string | undefined)[] {
  const { builder } = context;
  const shape = context.shapeOf(input(node));
  const pads = operand(node, 1, context);
  const named = optionalInput(node, 3) === undefined ? undefined : operand(node, 3, context);
  const axes = (named ?? shape.map((_, axis) => axis)).map((axis) => normaliseAxis(axis, shape.length));
  const mode = stringAttribute(node, 'mode', 'constant');
  let gradient = dy;
  for (const [index, axis] of axes.entries()) {
    const before = pads[index] ?? 0;
    const after = pads[index + axes.length] ?? 0;
    if (before === 0 && after === 0) continue;
    const size = sizeAt(shape, axis, node);
    gradient =
      mode === 'constant'
        ? crop(gradient, axis, size, before, after, context)
        : fold(gradient, axis, borderSources(mode, size, before, after), size, context);
  }
  return [gradient, undefined, undefined, undefined];

  function crop(
    full: string,
    axis: number,
    size: number,
    before: number,
    after: number,
    context: GradientContext,
  ): string {
    const start = Math.max(before, 0);
    const cut = builder.op('Slice', [
      full,
      builder.ints([start]),
      builder.ints([start + size - Math.max(-before, 0) - Math.max(-after, 0)]),
      builder.ints([axis]),
    ]);
    // A negative pad crops the data: what it cut off gets a zero.
    if (before >= 0 && after >= 0) return cut;
    return context.builder.op('Pad', [
      cut,
      builder.ints([Math.max(-before, 0), Math.max(-after, 0)]),
      builder.scalar(0),
      builder.ints([axis]),
    ]);
  }
}

/** Which sample each padded position repeats. */
function borderSources(mode: string, size: number, before: number, after: number): number[] {
  return Array.from({ length: before + size + after }, (_, index) => {
    const at = index - before;
    if (mode === 'edge') return Math.min(Math.max(at, 0), size - 1);
    if (mode === 'wrap') return ((at % size) + size) % size;
    if (mode !== 'reflect') throw new RuleGap(`Pad in mode "${mode}"`);
    const period = Math.max(2 * (size - 1), 1);
    const inside = ((at % period) + period) % period;
    return inside < size ? inside : period - inside;
  });
}

/** Adds every position's gradient to its source: a product with a 0/1 matrix along one axis. */
function fold(
  gradient: string,
  axis: number,
  sources: readonly number[],
  size: number,
  context: GradientContext,
): string {
  const { builder } = context;
  const matrix = new Float32Array(sources.length * size);
  for (const [position, source] of sources.entries()) matrix[position * size + source] = 1;
  return alongAxis(gradient, axis, builder.floats([sources.length, size], matrix), context);
}

/** Multiplies one axis of a rank-4 tensor with a matrix [old, new]. */
export function alongAxis(
  tensor: string,
  axis: number,
  matrix: string,
  { builder }: GradientContext,
): string {
  const letters = ['a', 'b', 'c', 'd'];
  const from = letters.join('');
  const kept = letters.at(axis);
  if (kept === undefined) throw new RuleGap('a border along an axis beyond the fourth');
  const equation = `${from},${kept}z->${from.replace(kept, 'z')}`;
  return builder.op('Einsum', [tensor, matrix], { equation });
}

function depthToSpace(node: OnnxNode, dy: string, context: GradientContext): string {
  const { builder } = context;
  const blocksize = intAttribute(node, 'blocksize', 1);
  if (stringAttribute(node, 'mode', 'DCR') === 'DCR') return builder.op('SpaceToDepth', [dy], { blocksize });
  const shape = context.shapeOf(output(node));
  const [channels, rows, columns] = [sizeAt(shape, 1, node), sizeAt(shape, 2, node), sizeAt(shape, 3, node)];
  const lead = shape[0];
  const cells: Shape = [lead, channels, rows / blocksize, blocksize, columns / blocksize, blocksize];
  const turned = builder.op('Transpose', [reshapeTo(dy, cells, context)], { perm: [0, 1, 3, 5, 2, 4] });
  return reshapeTo(turned, context.shapeOf(input(node)), context);
}

/** Repeats become an axis of their own, which is summed. */
function tile(node: OnnxNode, dy: string, context: GradientContext): string[] {
  const { builder } = context;
  const shape = context.shapeOf(input(node));
  const repeats = operand(node, 1, context);
  const spread = shape.flatMap((dim, axis) => [repeats[axis] ?? 1, dim]);
  const axes = shape.map((_, axis) => 2 * axis);
  return [builder.op('ReduceSum', [reshapeTo(dy, spread, context), builder.ints(axes)], { keepdims: 0 })];
}

/** Zeros of a shape whose batch axis follows another tensor. */
function zeros(shape: Shape, like: string, { builder, shapeOf }: GradientContext): string {
  const source = shapeOf(like);
  if (source.length !== shape.length) throw new RuleGap('zeros of another rank');
  const none = builder.op('Mul', [like, builder.scalar(0)]);
  const ends = shape.map(
    (dim, axis) => fixedSize(dim) ?? (fixedSize(source[axis]) === undefined ? 2 ** 31 - 1 : 0),
  );
  const cut = builder.op('Slice', [none, builder.ints(shape.map(() => 0)), builder.ints(ends)]);
  return builder.op('Expand', [cut, builder.ints(expandOperand(shape))]);
}

function operand(node: OnnxNode, index: number, context: GradientContext): readonly number[] {
  const values = context.integers(input(node, index));
  if (values === undefined)
    throw new RuleGap(`${node.op} with an operand computed from the image or the batch`);
  return values;
}

function sizeAt(shape: Shape, axis: number, node: OnnxNode): number {
  const size = fixedSize(shape[axis]);
  if (size === undefined) throw new RuleGap(`${node.op} along the batch`);
  return size;
}
