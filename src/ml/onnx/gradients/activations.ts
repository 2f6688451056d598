import type { OnnxNode } from '../graph.ts';
import { floatAttribute, stringAttribute } from '../graph.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { scalarValue } from '../modernise.ts';
import { fixedSize } from '../shapes.ts';
import { sumToShape } from './broadcast.ts';
import type { GradientContext, GradientRule } from './rule.ts';
import { input, optionalInput, output } from './rule.ts';

/** Elementwise functions of one tensor. Masks use the result where it tells the same, so that the input need not be kept. */
export const activationRules: Readonly<Record<string, GradientRule>> = {
  Relu: (node, dy, context) => {
    const { builder } = context;
    return [
      openMask(node, dy, 0, undefined, context) ??
        where(builder, builder.op('Greater', [output(node), builder.scalar(0)]), dy),
    ];
  },
  Clip: (node, dy, context) => {
    const { builder } = context;
    const [low, high] = [optionalInput(node, 1), optionalInput(node, 2)];
    const limits = [low, high].map((name) =>
      scalarValue(name === undefined ? undefined : context.weight(name)),
    );
    if (limits[0] !== undefined && limits[1] !== undefined) {
      const masked = openMask(node, dy, limits[0], limits[1], context);
      if (masked !== undefined) return [masked];
    }
    let gradient = dy;
    if (low !== undefined) gradient = where(builder, builder.op('Greater', [output(node), low]), gradient);
    if (high !== undefined) gradient = where(builder, builder.op('Less', [output(node), high]), gradient);
    return [gradient];
  },
  LeakyRelu: (node, dy, { builder }) => [
    builder.op('Where', [
      builder.op('Greater', [input(node), builder.scalar(0)]),
      dy,
      builder.op('Mul', [dy, builder.scalar(floatAttribute(node, 'alpha', 0.01))]),
    ]),
  ],
  PRelu: (node, dy, context) => {
    const { builder } = context;
    const [x, slope] = [input(node), input(node, 1)];
    const positive = builder.op('Greater', [x, builder.scalar(0)]);
    const wide = context.shapeOf(output(node));
    const toSlope = () =>
      sumToShape(
        builder.op('Where', [positive, builder.scalar(0), builder.op('Mul', [dy, x])]),
        wide,
        context.shapeOf(slope),
        context,
      );
    return [
      context.wanted(x) ? builder.op('Where', [positive, dy, builder.op('Mul', [dy, slope])]) : undefined,
      context.wanted(slope) ? toSlope() : undefined,
    ];
  },
  Elu: (node, dy, { builder }) => {
    // For x <= 0 the result is alpha (e^x - 1), whose derivative is the result + alpha.
    const shifted = builder.op('Add', [output(node), builder.scalar(floatAttribute(node, 'alpha', 1))]);
    return [steer(builder, input(node), dy, builder.op('Mul', [dy, shifted]))];
  },
  Celu: (node, dy, { builder }) => {
    const scaled = builder.op('Div', [input(node), builder.scalar(floatAttribute(node, 'alpha', 1))]);
    return [steer(builder, input(node), dy, builder.op('Mul', [dy, builder.op('Exp', [scaled])]))];
  },
  Selu: (node, dy, { builder }) => {
    const alpha = floatAttribute(node, 'alpha', 1.6732632423543772);
    const gamma = floatAttribute(node, 'gamma', 1.0507009873554805);
    const negative = builder.op('Add', [output(node), builder.scalar(alpha * gamma)]);
    return [
      steer(
        builder,
        input(node),
        builder.op('Mul', [dy, builder.scalar(gamma)]),
        builder.op('Mul', [dy, negative]),
      ),
    ];
  },
  Sigmoid: (node, dy, { builder }) => [builder.op('Mul', [dy, logistic(builder, output(node))])],
  Tanh: (node, dy, { builder }) => {
    const square = builder.op('Mul', [output(node), output(node)]);
    return [builder.op('Mul', [dy, builder.op('Sub', [builder.scalar(1), square])])];
  },
  HardSigmoid: (node, dy, { builder }) => {
    const inside = between(builder, output(node), 0, 1);
    return [
      where(builder, inside, builder.op('Mul', [dy, builder.scalar(floatAttribute(node, 'alpha', 0.2))])),
    ];
  },
  HardSwish: (node, dy, { builder }) => {
    // x clip(x/6 + 1/2, 0, 1): slope x/3 + 1/2 between -3 and 3, then 0 below and 1 above.
    const x = input(node);
    const slope = builder.op('Add', [builder.op('Mul', [x, builder.scalar(1 / 3)]), builder.scalar(0.5)]);
    const lower = builder.op('Where', [
      builder.op('Greater', [x, builder.scalar(-3)]),
      builder.op('Mul', [dy, slope]),
      builder.scalar(0),
    ]);
    return [builder.op('Where', [builder.op('Less', [x, builder.scalar(3)]), lower, dy])];
  },
  Swish: (node, dy, context) => sigmoidLinear(node, dy, context),
  Softplus: (node, dy, { builder }) => [builder.op('Mul', [dy, builder.op('Sigmoid', [input(node)])])],
  Softsign: (node, dy, { builder }) => {
    const base = builder.op('Add', [builder.op('Abs', [input(node)]), builder.scalar(1)]);
    return [builder.op('Div', [dy, builder.op('Mul', [base, base])])];
  },
  Mish: (node, dy, { builder }) => {
    // x tanh(softplus x): derivative t + x s (1 - t^2), t = tanh(softplus x), s = sigmoid x.
    const x = input(node);
    const t = builder.op('Tanh', [builder.op('Softplus', [x])]);
    const bend = builder.op('Sub', [builder.scalar(1), builder.op('Mul', [t, t])]);
    const tail = builder.op('Mul', [builder.op('Mul', [x, builder.op('Sigmoid', [x])]), bend]);
    return [builder.op('Mul', [dy, builder.op('Add', [t, tail])])];
  },
  Gelu: (node, dy, { builder }) => [
    builder.op('Mul', [
      dy,
      stringAttribute(node, 'approximate', 'none') === 'tanh'
        ? geluTanhSlope(builder, input(node))
        : geluSlope(builder, input(node)),
    ]),
  ],
  ThresholdedRelu: (node, dy, { builder }) => [
    where(
      builder,
      builder.op('Greater', [input(node), builder.scalar(floatAttribute(node, 'alpha', 1))]),
      dy,
    ),
  ],
  Erf: (node, dy, { builder }) => {
    const bell = builder.op('Exp', [builder.op('Neg', [builder.op('Mul', [input(node), input(node)])])]);
    return [builder.op('Mul', [dy, builder.op('Mul', [bell, builder.scalar(2 / Math.sqrt(Math.PI))])])];
  },
  Exp: (node, dy, { builder }) => [builder.op('Mul', [dy, output(node)])],
  Log: (node, dy, { builder }) => [builder.op('Div', [dy, input(node)])],
  Sqrt: (node, dy, { builder }) => [
    builder.op('Div', [builder.op('Mul', [dy, builder.scalar(0.5)]), output(node)]),
  ],
  Reciprocal: (node, dy, { builder }) => [
    builder.op('Neg', [builder.op('Mul', [dy, builder.op('Mul', [output(node), output(node)])])]),
  ],
  Abs: (node, dy, { builder }) => [builder.op('Mul', [dy, builder.op('Sign', [input(node)])])],
  Neg: (_node, dy, { builder }) => [builder.op('Neg', [dy])],
  Sin: (node, dy, { builder }) => [builder.op('Mul', [dy, builder.op('Cos', [input(node)])])],
  Cos: (node, dy, { builder }) => [
    builder.op('Neg', [builder.op('Mul', [dy, builder.op('Sin', [input(node)])])]),
  ],
};

function sigmoidLinear(node: OnnxNode, dy: string, { builder }: GradientContext): string[] {
  const scaled = builder.op('Mul', [input(node), builder.scalar(floatAttribute(node, 'alpha', 1))]);
  const s = builder.op('Sigmoid', [scaled]);
  const tail = builder.op('Mul', [scaled, logistic(builder, s)]);
  return [builder.op('Mul', [dy, builder.op('Add', [s, tail])])];
}

/** s (1 - s), the derivative of the logistic function at the value s. */
function logistic(builder: GraphBuilder, s: string): string {
  return builder.op('Mul', [s, builder.op('Sub', [builder.scalar(1), s])]);
}

/** Phi(x) + x phi(x). */
function geluSlope(builder: GraphBuilder, x: string): string {
  const erf = builder.op('Erf', [builder.op('Mul', [x, builder.scalar(Math.SQRT1_2)])]);
  const cumulative = builder.op('Mul', [builder.op('Add', [erf, builder.scalar(1)]), builder.scalar(0.5)]);
  const half = builder.op('Mul', [builder.op('Mul', [x, x]), builder.scalar(-0.5)]);
  const density = builder.op('Mul', [builder.op('Exp', [half]), builder.scalar(1 / Math.sqrt(2 * Math.PI))]);
  return builder.op('Add', [cumulative, builder.op('Mul', [x, density])]);
}

/** Slope of x/2 (1 + tanh(c (x + 0.044715 x^3))), c = sqrt(2/pi). */
function geluTanhSlope(builder: GraphBuilder, x: string): string {
  const c = Math.sqrt(2 / Math.PI);
  const square = builder.op('Mul', [x, x]);
  const scaled = (factor: number, add: number) =>
    builder.op('Add', [builder.op('Mul', [square, builder.scalar(factor)]), builder.scalar(add)]);
  const t = builder.op('Tanh', [builder.op('Mul', [x, scaled(c * 0.044715, c)])]);
  const bend = builder.op('Sub', [builder.scalar(1), builder.op('Mul', [t, t])]);
  const inner = builder.op('Mul', [x, scaled(c * 3 * 0.044715, c)]);
  const sum = builder.op('Add', [
    builder.op('Add', [t, builder.scalar(1)]),
    builder.op('Mul', [bend, inner]),
  ]);
  return builder.op('Mul', [sum, builder.scalar(0.5)]);
}

function between(builder: GraphBuilder, value: string, low: number, high: number): string {
  return builder.op('And', [
    builder.op('Greater', [value, builder.scalar(low)]),
    builder.op('Less', [value, builder.scalar(high)]),
  ]);
}

/** A power of two: scaling by it is exact, and it makes the smallest activations that matter saturate tanh. */
const STEEP = 2 ** 80;

/**
 * dy where 0 < y < high, for images of features. Written as tanh(STEEP y (high - y)), which is 0 at the limits and 1
 * between them, because ONNX Runtime keeps batch normalisation, tanh and products in its blocked channel layout, while
 * comparisons and Where force two copies into the plain one (they took half of MobileNetV2's gradient).
 */
function openMask(
  node: OnnxNode,
  dy: string,
  low: number,
  high: number | undefined,
  { builder, shapeOf }: GradientContext,
): string | undefined {
  const [, channels, rows, columns, ...more] = shapeOf(output(node)).map(fixedSize);
  if (low !== 0 || channels === undefined || rows === undefined || columns === undefined) return undefined;
  if (more.length > 0 || rows * columns === 1 || (high !== undefined && high <= 0)) return undefined;
  const y = output(node);
  const fill = (value: number) => builder.floats([channels], new Float32Array(channels).fill(value));
  const affine = (factor: number, shift: number) =>
    builder.op('BatchNormalization', [y, fill(factor), fill(shift), fill(0), fill(1)], {
      epsilon: { float: 0 },
    });
  const steep = high === undefined ? affine(STEEP, 0) : builder.op('Mul', [y, affine(-STEEP, STEEP * high)]);
  return builder.op('Mul', [dy, builder.op('Tanh', [steep])]);
}

/** One gradient where x > 0, another elsewhere. */
function steer(builder: GraphBuilder, x: string, positive: string, negative: string): string {
  return builder.op('Where', [builder.op('Greater', [x, builder.scalar(0)]), positive, negative]);
}

function where(builder: GraphBuilder, condition: string, dy: string): string {
  return builder.op('Where', [condition, dy, builder.scalar(0)]);
}
