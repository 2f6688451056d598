import type { Shape } from '../shapes.ts';
import { reshapeOperand, sameDim, sameShape } from '../shapes.ts';
import type { GradientContext } from './rule.ts';
import { RuleGap } from './rule.ts';

/** Sums a gradient over the axes along which its tensor was broadcast, back to the tensor's own shape. */
export function sumToShape(gradient: string, from: Shape, to: Shape, { builder }: GradientContext): string {
  if (sameShape(from, to)) return gradient;
  const lead = from.length - to.length;
  const leading = Array.from({ length: lead }, (_, axis) => axis);
  const stretched = to.flatMap((dim, axis) => (sameDim(dim, from[axis + lead]) ? [] : [axis + lead]));
  let sum = gradient;
  if (stretched.length > 0) sum = builder.op('ReduceSum', [sum, builder.ints(stretched)], { keepdims: 1 });
  if (leading.length > 0) sum = builder.op('ReduceSum', [sum, builder.ints(leading)], { keepdims: 0 });
  return sum;
}

/** Gives a tensor another shape of the same number of elements. */
export function reshapeTo(tensor: string, shape: Shape, { builder }: GradientContext): string {
  const operand = reshapeOperand(shape);
  if (operand === undefined) throw new RuleGap('a tensor with two axes that depend on the batch');
  if (operand.includes(0)) throw new RuleGap('a tensor with an empty axis');
  return builder.op('Reshape', [tensor, builder.ints(operand)]);
}
