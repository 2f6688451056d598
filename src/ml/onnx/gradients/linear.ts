import type { OnnxNode } from '../graph.ts';
import { floatAttribute, intAttribute } from '../graph.ts';
import type { Shape } from '../shapes.ts';
import { reshapeTo, sumToShape } from './broadcast.ts';
import type { GradientContext, GradientRule } from './rule.ts';
import { RuleGap, input, optionalInput, output } from './rule.ts';

/** Matrix products. */
export const linearRules: Readonly<Record<string, GradientRule>> = {
  Gemm: gemm,
  MatMul: matMul,
  Einsum: einsum,
};

/** Y = alpha A' B' + beta C, with A' and B' transposed or not. */
function gemm(node: OnnxNode, dy: string, context: GradientContext): (string | undefined)[] {
  const { builder } = context;
  const [a, b, c] = [input(node), input(node, 1), optionalInput(node, 2)];
  const [transA, transB] = [intAttribute(node, 'transA', 0), intAttribute(node, 'transB', 0)];
  const alpha = { float: floatAttribute(node, 'alpha', 1) };
  const product = (left: string, right: string, transLeft: number, transRight: number) =>
    builder.op('Gemm', [left, right], { alpha, transA: transLeft, transB: transRight });
  const toA = () => (transA ? product(b, dy, transB, 1) : product(dy, b, 0, 1 - transB));
  const toB = () => (transB ? product(dy, a, 1, transA) : product(a, dy, 1 - transA, 0));
  const toC = (name: string) => {
    const scaled = builder.op('Mul', [dy, builder.scalar(floatAttribute(node, 'beta', 1))]);
    return sumToShape(scaled, context.shapeOf(output(node)), context.shapeOf(name), context);
  };
  return [
    context.wanted(a) ? toA() : undefined,
    context.wanted(b) ? toB() : undefined,
    c !== undefined && context.wanted(c) ? toC(c) : undefined,
  ];
}

/** Batched product with broadcasting over the leading axes. */
function matMul(node: OnnxNode, dy: string, context: GradientContext): (string | undefined)[] {
  const { builder } = context;
  const [a, b] = [input(node), input(node, 1)];
  const [shapeA, shapeB] = [context.shapeOf(a), context.shapeOf(b)];
  if (shapeA.length < 2 || shapeB.length < 2) return vectorProduct(node, dy, context);
  const lead = context.shapeOf(output(node)).slice(0, -2);
  const toA = () => {
    const full = builder.op('MatMul', [dy, swapLast(b, shapeB, context)]);
    return sumToShape(full, [...lead, ...shapeA.slice(-2)], shapeA, context);
  };
  const toB = () => {
    const full = builder.op('MatMul', [swapLast(a, shapeA, context), dy]);
    return sumToShape(full, [...lead, ...shapeB.slice(-2)], shapeB, context);
  };
  return [context.wanted(a) ? toA() : undefined, context.wanted(b) ? toB() : undefined];
}

/** A vector operand counts as a one-row (left) or one-column (right) matrix; only a constant right one is met in practice. */
function vectorProduct(node: OnnxNode, dy: string, context: GradientContext): (string | undefined)[] {
  const [a, b] = [input(node), input(node, 1)];
  const shapeB = context.shapeOf(b);
  if (shapeB.length !== 1 || context.wanted(b))
    throw new RuleGap('MatMul of vectors that depend on the image');
  const column: Shape = [...context.shapeOf(output(node)), 1];
  return [context.wanted(a) ? context.builder.op('Mul', [reshapeTo(dy, column, context), b]) : undefined];
}

/** Two operands, no repeated index inside one: the gradient is the sum with the letters exchanged. */
function einsum(node: OnnxNode, dy: string, context: GradientContext): (string | undefined)[] {
  const attribute = node.attributes.get('equation');
  const equation = attribute?.kind === 'string' ? attribute.value.replaceAll(' ', '') : '';
  const match = /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/.exec(equation);
  const [, left = '', right = '', result = ''] = match ?? [];
  const known = [left, right, result].every((term) => term !== '' && new Set(term).size === term.length);
  // A letter summed inside one operand alone would have to be spread again.
  const lone = [...left].some((x) => !right.includes(x) && !result.includes(x));
  const loneRight = [...right].some((x) => !left.includes(x) && !result.includes(x));
  if (!known || lone || loneRight) throw new RuleGap(`Einsum "${equation}"`);
  const { builder } = context;
  const [a, b] = [input(node), input(node, 1)];
  return [
    context.wanted(a)
      ? builder.op('Einsum', [dy, b], { equation: `${result},${right}->${left}` })
      : undefined,
    context.wanted(b)
      ? builder.op('Einsum', [a, dy], { equation: `${left},${result}->${right}` })
      : undefined,
  ];
}

function swapLast(name: string, shape: Shape, { builder }: GradientContext): string {
  const perm = shape.map((_, axis) => axis);
  const rank = shape.length;
  perm[rank - 2] = rank - 1;
  perm[rank - 1] = rank - 2;
  return builder.op('Transpose', [name], { perm });
}
