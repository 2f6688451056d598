import type { OnnxNode } from '../graph.ts';
import { intAttribute } from '../graph.ts';
import { fixedSize, normaliseAxis } from '../shapes.ts';
import { reshapeTo } from './broadcast.ts';
import type { GradientContext, GradientRule } from './rule.ts';
import { RuleGap, input } from './rule.ts';

/** Operators that pick elements by index. */
export const selectionRules: Readonly<Record<string, GradientRule>> = { Gather: gather };

/**
 * Constant indices along one axis: the gradient is summed into its sources by a product with a 0/1 matrix, or simply
 * padded with zeros where one index (a class token) was taken.
 */
function gather(node: OnnxNode, dy: string, context: GradientContext): string[] {
  const { builder } = context;
  const shape = context.shapeOf(input(node));
  const axis = normaliseAxis(intAttribute(node, 'axis', 0), shape.length);
  const size = fixedSize(shape[axis]);
  const indices = context.integers(input(node, 1));
  if (size === undefined) throw new RuleGap('Gather along the batch');
  if (indices === undefined) throw new RuleGap('Gather with computed indices');
  const picked = indices.map((index) => normaliseAxis(index, size));
  const flat = [...shape.slice(0, axis), picked.length, ...shape.slice(axis + 1)];
  const gradient = reshapeTo(dy, flat, context);
  const only = picked.length === 1 ? picked.at(0) : undefined;
  if (only !== undefined) {
    const pads = builder.ints([only, size - 1 - only]);
    return [builder.op('Pad', [gradient, pads, builder.scalar(0), builder.ints([axis])])];
  }
  const last = shape.length - 1;
  const perm = shape.map((_, index) => (index === axis ? last : index === last ? axis : index));
  const matrix = new Float32Array(picked.length * size);
  for (const [position, source] of picked.entries()) matrix[position * size + source] = 1;
  const weights = builder.floats([picked.length, size], matrix);
  const turned = axis === last ? gradient : builder.op('Transpose', [gradient], { perm });
  const summed = builder.op('MatMul', [turned, weights]);
  return [axis === last ? summed : builder.op('Transpose', [summed], { perm })];
}
