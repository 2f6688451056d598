import type { OnnxNode } from '../graph.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../graph.ts';
import { floatTensor, floatValues } from '../tensor-values.ts';
import type { Shape } from '../shapes.ts';
import { fixedSize } from '../shapes.ts';
import type { GradientContext, GradientRule } from './rule.ts';
import { RuleGap, input, output } from './rule.ts';

/** Convolutions with constant weights: only the gradient of the data is written. */
export const convolutionRules: Readonly<Record<string, GradientRule>> = {
  Conv: (node, dy, context) => {
    refuseComputedWeights(node, context);
    const window = windowOf(node, context, input(node), output(node));
    return [flippedConvolution(node, dy, window, context) ?? transposed(node, dy, window, context)];
  },
  ConvTranspose: (node, dy, context) => {
    refuseComputedWeights(node, context);
    // A transposed convolution is the gradient of a convolution from its output to its input.
    const window = windowOf(node, context, output(node), input(node));
    return [
      context.builder.op('Conv', [dy, input(node, 1)], {
        group: window.group,
        kernel_shape: window.kernel,
        strides: window.strides,
        dilations: window.dilations,
        pads: [...window.before, ...window.after],
      }),
    ];
  },
};

interface Window {
  readonly group: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** What a transposed convolution must add at the end to reach the size of the wide side. */
  readonly rest: readonly number[];
}

/** Geometry of a convolution that maps `wide` to `narrow`; padding at the end is worked out from the sizes. */
function windowOf(node: OnnxNode, context: GradientContext, wide: string, narrow: string): Window {
  const weights = context.shapeOf(input(node, 1));
  const kernel = weights.slice(2).map((dim) => sizeOf(dim, node));
  const spatial = kernel.length;
  const ones = kernel.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const from = spatialSizes(context.shapeOf(wide), node);
  const to = spatialSizes(context.shapeOf(narrow), node);
  const auto = stringAttribute(node, 'auto_pad', 'NOTSET');
  const pads = intsAttribute(node, 'pads') ?? Array.from({ length: 2 * spatial }, () => 0);
  const explicit = auto === 'NOTSET' || auto === '';
  const before: number[] = [];
  const after: number[] = [];
  const rest: number[] = [];
  for (let axis = 0; axis < spatial; axis += 1) {
    const reach = (at(kernel, axis) - 1) * at(dilations, axis) + 1;
    const covered = (at(to, axis) - 1) * at(strides, axis) + reach;
    // SAME_*: the total padding is what the windows reach beyond the input; the odd pixel goes to one side.
    const total = Math.max(covered - at(from, axis), 0);
    const start = explicit
      ? at(pads, axis)
      : auto === 'VALID'
        ? 0
        : auto === 'SAME_LOWER'
          ? Math.ceil(total / 2)
          : Math.floor(total / 2);
    const end = explicit ? at(pads, axis + spatial) : auto === 'VALID' ? 0 : total - start;
    before.push(start);
    after.push(end);
    rest.push(at(from, axis) - (covered - start - end));
  }
  return { group: intAttribute(node, 'group', 1), kernel, strides, dilations, before, after, rest };
}

/**
 * At stride 1 the gradient is an ordinary convolution with the weights flipped and their channels swapped,
 * which ONNX Runtime runs several times faster than a transposed convolution.
 */
function flippedConvolution(
  node: OnnxNode,
  dy: string,
  window: Window,
  context: GradientContext,
): string | undefined {
  const { group, kernel, strides, dilations, before, after, rest } = window;
  const name = input(node, 1);
  const stored = context.weight(name);
  if (stored === undefined || strides.some((stride) => stride !== 1)) return undefined;
  const reach = kernel.map((size, axis) => (size - 1) * at(dilations, axis));
  const start = reach.map((size, axis) => size - at(before, axis));
  const end = reach.map((size, axis) => size - at(after, axis) + at(rest, axis));
  if ([...start, ...end].some((pad) => pad < 0)) return undefined;
  const flipped = flipAndSwap(floatValues(stored), stored.dims, group);
  const weights = context.builder.tensor(
    floatTensor(flipped.dims, flipped.values),
    `ml/flipped/${name}/${group}`,
  );
  return context.builder.op('Conv', [dy, weights], {
    group,
    kernel_shape: kernel,
    dilations,
    pads: [...start, ...end],
  });
}

function transposed(node: OnnxNode, dy: string, window: Window, context: GradientContext): string {
  const { group, kernel, strides, dilations, before, after, rest } = window;
  return context.builder.op('ConvTranspose', [dy, input(node, 1)], {
    group,
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...before, ...after],
    output_padding: rest,
  });
}

/** [out, in/group, ...k] to [in, out/group, ...k] with every kernel axis reversed. */
function flipAndSwap(
  weights: Float32Array,
  dims: readonly number[],
  group: number,
): { dims: number[]; values: Float32Array } {
  const [outputs, inputs] = [at(dims, 0), at(dims, 1)];
  const kernel = dims.slice(2);
  const area = kernel.reduce((product, size) => product * size, 1);
  const perGroup = outputs / group;
  const values = new Float32Array(weights.length);
  for (let g = 0; g < group; g += 1) {
    for (let o = 0; o < perGroup; o += 1) {
      for (let i = 0; i < inputs; i += 1) {
        const from = ((g * perGroup + o) * inputs + i) * area;
        const to = ((g * inputs + i) * perGroup + o) * area;
        // Reversing every axis of a row-major block reverses the block.
        for (let k = 0; k < area; k += 1) values[to + k] = weights[from + area - 1 - k] ?? 0;
      }
    }
  }
  return { dims: [inputs * group, perGroup, ...kernel], values };
}

function refuseComputedWeights(node: OnnxNode, context: GradientContext): void {
  if (context.wanted(input(node, 1))) throw new RuleGap(`${node.op} whose weights depend on the image`);
}

function spatialSizes(shape: Shape, node: OnnxNode): number[] {
  return shape.slice(2).map((dim) => sizeOf(dim, node));
}

function sizeOf(dim: Shape[number], node: OnnxNode): number {
  const size = fixedSize(dim);
  if (size === undefined) throw new RuleGap(`${node.op} over an axis that depends on the batch`);
  return size;
}

function at(values: readonly number[], index: number): number {
  const value = values.at(index);
  if (value === undefined) throw new RuleGap('a convolution with attributes of the wrong length');
  return value;
}
