import type { OnnxNode } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import type { Shape } from '../shapes.ts';
import { expandOperand, fixedSize, normaliseAxis } from '../shapes.ts';
import { reshapeTo } from './broadcast.ts';
import type { GradientContext, GradientRule } from './rule.ts';
import { RuleGap, input, optionalInput, output } from './rule.ts';

/** Reductions over axes (given as an input: graphs are brought to operator set 18 before). */
export const reductionRules: Readonly<Record<string, GradientRule>> = {
  ReduceSum: (node, dy, context) => [spread(node, dy, context)],
  ReduceMean: (node, dy, context) => {
    const cells = cellCount(node, context);
    const share = context.builder.op('Mul', [dy, context.builder.scalar(1 / cells)]);
    return [spread(node, share, context)];
  },
  ReduceMax: extremum,
  ReduceMin: extremum,
  ReduceL2: (node, dy, context) => {
    const { builder } = context;
    const unit = spread(node, builder.op('Div', [dy, output(node)]), context);
    return [builder.op('Mul', [unit, input(node)])];
  },
  ReduceSumSquare: (node, dy, context) => {
    const { builder } = context;
    const doubled = spread(node, builder.op('Mul', [dy, builder.scalar(2)]), context);
    return [builder.op('Mul', [doubled, input(node)])];
  },
  ReduceL1: (node, dy, context) => {
    const { builder } = context;
    return [builder.op('Mul', [spread(node, dy, context), builder.op('Sign', [input(node)])])];
  },
  ReduceLogSumExp: (node, dy, context) => {
    const { builder } = context;
    const total = restore(node, output(node), context);
    const share = builder.op('Exp', [builder.op('Sub', [input(node), total])]);
    return [builder.op('Mul', [share, restore(node, dy, context)])];
  },
};

/** Equal extrema share the gradient. */
function extremum(node: OnnxNode, dy: string, context: GradientContext): string[] {
  const { builder } = context;
  const mask = builder.op(
    'Cast',
    [builder.op('Equal', [input(node), restore(node, output(node), context)])],
    {
      to: 1,
    },
  );
  const count = builder.op('ReduceSum', [mask, builder.ints(axesOf(node, context))], { keepdims: 1 });
  return [builder.op('Mul', [mask, builder.op('Div', [restore(node, dy, context), count])])];
}

/** The reduced tensor repeated along the reduced axes. */
function spread(node: OnnxNode, reduced: string, context: GradientContext): string {
  const shape = context.shapeOf(input(node));
  const batchReduced = axesOf(node, context).some((axis) => fixedSize(shape[axis]) === undefined);
  if (batchReduced) throw new RuleGap(`${node.op} over the batch`);
  return context.builder.op('Expand', [
    restore(node, reduced, context),
    context.builder.ints(expandOperand(shape)),
  ]);
}

/** The reduced tensor with its reduced axes kept as 1. */
function restore(node: OnnxNode, reduced: string, context: GradientContext): string {
  if (intAttribute(node, 'keepdims', 1) === 1) return reduced;
  const axes = axesOf(node, context);
  const kept: Shape = context.shapeOf(input(node)).map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return reshapeTo(reduced, kept, context);
}

function cellCount(node: OnnxNode, context: GradientContext): number {
  const shape = context.shapeOf(input(node));
  return axesOf(node, context).reduce((product, axis) => {
    const size = fixedSize(shape[axis]);
    if (size === undefined) throw new RuleGap(`${node.op} over the batch`);
    return product * size;
  }, 1);
}

function axesOf(node: OnnxNode, context: GradientContext): number[] {
  const rank = context.shapeOf(input(node)).length;
  const operand = optionalInput(node, 1);
  if (operand === undefined) {
    return intAttribute(node, 'noop_with_empty_axes', 0) === 1
      ? []
      : Array.from({ length: rank }, (_, a) => a);
  }
  const axes = context.integers(operand);
  if (axes === undefined) throw new RuleGap(`${node.op} with computed axes`);
  if (axes.length === 0) return Array.from({ length: rank }, (_, axis) => axis);
  return axes.map((axis) => normaliseAxis(axis, rank));
}
