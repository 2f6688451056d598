import type { OnnxNode } from '../graph.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../graph.ts';
import { fixedSize, singleSize } from '../shapes.ts';
import { reshapeTo } from './broadcast.ts';
import type { GradientContext, GradientRule } from './rule.ts';
import { RuleGap, input, output } from './rule.ts';

/** Poolings over the spatial axes of [batch, channels, ...]. */
export const poolingRules: Readonly<Record<string, GradientRule>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: (node, dy, context) => {
    const shape = context.shapeOf(input(node));
    const cells = shape.slice(2).reduce<number>((product, dim) => product * singleSize(dim), 1);
    const share = context.builder.op('Mul', [dy, context.builder.scalar(1 / cells)]);
    return [context.builder.op('Expand', [share, spatialOperand(node, context)])];
  },
  GlobalMaxPool: (node, dy, context) => {
    // Equal maxima share the gradient, so that it still sums to dy.
    const { builder } = context;
    const mask = builder.op('Cast', [builder.op('Equal', [input(node), output(node)])], { to: 1 });
    const axes = context.shapeOf(input(node)).slice(2);
    const count = builder.op('ReduceSum', [mask, builder.ints(axes.map((_, axis) => axis + 2))], {
      keepdims: 1,
    });
    return [builder.op('Mul', [mask, builder.op('Div', [dy, count])])];
  },
};

/** The positions of the maxima come out of the operator itself; the gradient is added there. */
function maxPool(node: OnnxNode, dy: string, context: GradientContext): string[] {
  const { builder } = context;
  if (intAttribute(node, 'storage_order', 0) !== 0) throw new RuleGap('MaxPool in column-major order');
  const indices = output(node, 1);
  const flat = builder.ints([-1]);
  const empty = builder.op('Mul', [builder.op('Reshape', [input(node), flat]), builder.scalar(0)]);
  const scattered = builder.op(
    'ScatterElements',
    [empty, builder.op('Reshape', [indices, flat]), builder.op('Reshape', [dy, flat])],
    { axis: 0, reduction: 'add' },
  );
  return [reshapeTo(scattered, context.shapeOf(input(node)), context)];
}

/**
 * A mean over windows is a depthwise convolution with equal weights: its gradient is the transposed one, applied to
 * dy divided by the number of samples each window counted.
 */
function averagePool(node: OnnxNode, dy: string, context: GradientContext): string[] {
  const { builder } = context;
  const shape = context.shapeOf(input(node));
  const [channels, ...from] = shape.slice(1).map(fixedSize);
  const to = context.shapeOf(output(node)).slice(2).map(fixedSize);
  const kernel = intsAttribute(node, 'kernel_shape');
  if (channels === undefined || !allKnown(from) || !allKnown(to) || kernel === undefined) {
    throw new RuleGap('AveragePool over axes that depend on the batch');
  }
  const window = poolWindow(node, kernel, from, to);
  const shares = windowShares(kernel, window, from, to, intAttribute(node, 'count_include_pad', 0) === 1);
  const scaled = builder.op('Mul', [dy, builder.floats([1, 1, ...to], shares)]);
  const ones = builder.floats([channels, 1, ...kernel], new Float32Array(channels * product(kernel)).fill(1));
  return [
    builder.op('ConvTranspose', [scaled, ones], {
      group: channels,
      kernel_shape: kernel,
      strides: window.strides,
      dilations: window.dilations,
      pads: [...window.before, ...window.after],
      output_padding: window.rest,
    }),
  ];
}

interface PoolWindow {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  /** As written in the file; the last window may reach further when sizes are rounded up. */
  readonly declaredAfter: readonly number[];
  readonly after: readonly number[];
  readonly rest: readonly number[];
}

function poolWindow(
  node: OnnxNode,
  kernel: readonly number[],
  from: readonly number[],
  to: readonly number[],
): PoolWindow {
  const ones = kernel.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const pads = intsAttribute(node, 'pads') ?? kernel.flatMap(() => [0, 0]);
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  const axes = kernel.map((size, axis) => {
    const wide = from[axis] ?? 0;
    const reach = (size - 1) * (dilations[axis] ?? 1) + 1;
    const covered = ((to[axis] ?? 0) - 1) * (strides[axis] ?? 1) + reach;
    const total = Math.max(covered - wide, 0);
    const same = auto === 'SAME_LOWER' ? Math.ceil(total / 2) : Math.floor(total / 2);
    const explicit = auto === 'NOTSET' || auto === '';
    const before = explicit ? (pads[axis] ?? 0) : auto === 'VALID' ? 0 : same;
    const declared = explicit ? (pads[axis + kernel.length] ?? 0) : auto === 'VALID' ? 0 : total - same;
    // Everything the windows reach beyond the data is cut off again; what they do not reach stays zero.
    const beyond = covered - before - wide;
    return { before, declared, after: Math.max(beyond, 0), rest: Math.max(-beyond, 0) };
  });
  return {
    strides,
    dilations,
    before: axes.map((axis) => axis.before),
    declaredAfter: axes.map((axis) => axis.declared),
    after: axes.map((axis) => axis.after),
    rest: axes.map((axis) => axis.rest),
  };
}

/** 1 / number of samples counted, for each window; a product over the axes. */
function windowShares(
  kernel: readonly number[],
  window: PoolWindow,
  from: readonly number[],
  to: readonly number[],
  countPadding: boolean,
): Float32Array {
  const perAxis = kernel.map((size, axis) => {
    const wide = from[axis] ?? 0;
    const start = window.before[axis] ?? 0;
    const low = countPadding ? -start : 0;
    const high = countPadding ? wide + (window.declaredAfter[axis] ?? 0) : wide;
    return Array.from({ length: to[axis] ?? 0 }, (_, position) => {
      let counted = 0;
      for (let tap = 0; tap < size; tap += 1) {
        const sample = position * (window.strides[axis] ?? 1) - start + tap * (window.dilations[axis] ?? 1);
        if (sample >= low && sample < high) counted += 1;
      }
      return counted;
    });
  });
  const counts = perAxis.reduce<number[]>(
    (outer, inner) => outer.flatMap((a) => inner.map((b) => a * b)),
    [1],
  );
  return Float32Array.from(counts, (count) => 1 / Math.max(count, 1));
}

function spatialOperand(node: OnnxNode, context: GradientContext): string {
  const shape = context.shapeOf(input(node));
  const sizes = shape.slice(2).map(fixedSize);
  if (!allKnown(sizes)) throw new RuleGap(`${node.op} over axes that depend on the batch`);
  return context.builder.ints([1, 1, ...sizes]);
}

function allKnown(values: readonly (number | undefined)[]): values is readonly number[] {
  return values.every((value) => value !== undefined);
}

function product(values: readonly number[]): number {
  return values.reduce((all, value) => all * value, 1);
}
