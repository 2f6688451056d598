import type { OnnxNode } from '../graph.ts';
import { sumToShape } from './broadcast.ts';
import type { GradientContext, GradientRule } from './rule.ts';
import { input, output } from './rule.ts';

/** Elementwise operators of two or more tensors, with numpy broadcasting. */
export const arithmeticRules: Readonly<Record<string, GradientRule>> = {
  Add: (node, dy, context) => node.inputs.map((_, index) => toInput(node, index, dy, context)),
  Sum: (node, dy, context) => node.inputs.map((_, index) => toInput(node, index, dy, context)),
  Sub: (node, dy, context) => [
    toInput(node, 0, dy, context),
    toInput(node, 1, () => context.builder.op('Neg', [dy]), context),
  ],
  Mul: (node, dy, context) => [
    toInput(node, 0, () => context.builder.op('Mul', [dy, input(node, 1)]), context),
    toInput(node, 1, () => context.builder.op('Mul', [dy, input(node, 0)]), context),
  ],
  Div: (node, dy, context) => {
    const { builder } = context;
    return [
      toInput(node, 0, () => builder.op('Div', [dy, input(node, 1)]), context),
      toInput(
        node,
        1,
        () => builder.op('Neg', [builder.op('Div', [builder.op('Mul', [dy, output(node)]), input(node, 1)])]),
        context,
      ),
    ];
  },
  Pow: (node, dy, context) => {
    const { builder } = context;
    const [base, exponent] = [input(node, 0), input(node, 1)];
    return [
      toInput(
        node,
        0,
        () => {
          const lower = builder.op('Pow', [base, builder.op('Sub', [exponent, builder.scalar(1)])]);
          return builder.op('Mul', [dy, builder.op('Mul', [lower, exponent])]);
        },
        context,
      ),
      toInput(
        node,
        1,
        () => builder.op('Mul', [dy, builder.op('Mul', [output(node), builder.op('Log', [base])])]),
        context,
      ),
    ];
  },
  Max: extremum,
  Min: extremum,
  Mean: (node, dy, context) => {
    const share = context.builder.op('Mul', [dy, context.builder.scalar(1 / node.inputs.length)]);
    return node.inputs.map((_, index) => toInput(node, index, share, context));
  },
  Where: (node, dy, context) => {
    const { builder } = context;
    const [condition, zero] = [input(node, 0), builder.scalar(0)];
    return [
      undefined,
      toInput(node, 1, () => builder.op('Where', [condition, dy, zero]), context),
      toInput(node, 2, () => builder.op('Where', [condition, zero, dy]), context),
    ];
  },
};

/** The gradient goes to the operand that won; of equal operands the first gets it. */
function extremum(node: OnnxNode, dy: string, context: GradientContext): (string | undefined)[] {
  const { builder } = context;
  const zero = builder.scalar(0);
  let left = dy;
  return node.inputs.map((name, index) => {
    const last = index === node.inputs.length - 1;
    const won = builder.op('Equal', [name, output(node)]);
    const share = last ? left : builder.op('Where', [won, left, zero]);
    if (!last) left = builder.op('Where', [won, zero, left]);
    return toInput(node, index, share, context);
  });
}

function toInput(
  node: OnnxNode,
  index: number,
  gradient: string | (() => string),
  context: GradientContext,
): string | undefined {
  const name = input(node, index);
  if (!context.wanted(name)) return undefined;
  const written = typeof gradient === 'string' ? gradient : gradient();
  return sumToShape(written, context.shapeOf(output(node)), context.shapeOf(name), context);
}
