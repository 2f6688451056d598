import type { OnnxNode } from '../graph.ts';
import { floatAttribute, intAttribute } from '../graph.ts';
import { normaliseAxis } from '../shapes.ts';
import type { GradientContext, GradientRule } from './rule.ts';
import { RuleGap, input, output } from './rule.ts';

/** Normalisations and softmax. */
export const normalisationRules: Readonly<Record<string, GradientRule>> = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: (node, dy, context) => {
    const rank = context.shapeOf(input(node)).length;
    const axes = Array.from({ length: rank - 2 }, (_, axis) => axis + 2);
    const scaled = context.builder.op('Mul', [dy, perChannel(input(node, 1), rank, context)]);
    return [standardised(input(node), scaled, axes, floatAttribute(node, 'epsilon', 1e-5), context)];
  },
  LayerNormalization: (node, dy, context) => {
    const rank = context.shapeOf(input(node)).length;
    const first = normaliseAxis(intAttribute(node, 'axis', -1), rank);
    const axes = Array.from({ length: rank - first }, (_, axis) => axis + first);
    const scaled = context.builder.op('Mul', [dy, input(node, 1)]);
    return [standardised(input(node), scaled, axes, floatAttribute(node, 'epsilon', 1e-5), context)];
  },
  Softmax: (node, dy, { builder, shapeOf }) => {
    // y (dy - sum(dy y))
    const axis = normaliseAxis(intAttribute(node, 'axis', -1), shapeOf(input(node)).length);
    const product = builder.op('Mul', [dy, output(node)]);
    const total = builder.op('ReduceSum', [product, builder.ints([axis])], { keepdims: 1 });
    return [builder.op('Sub', [product, builder.op('Mul', [output(node), total])])];
  },
  LogSoftmax: (node, dy, { builder, shapeOf }) => {
    // dy - e^y sum(dy)
    const axis = normaliseAxis(intAttribute(node, 'axis', -1), shapeOf(input(node)).length);
    const total = builder.op('ReduceSum', [dy, builder.ints([axis])], { keepdims: 1 });
    return [builder.op('Sub', [dy, builder.op('Mul', [builder.op('Exp', [output(node)]), total])])];
  },
  LpNormalization: (node, dy, { builder, shapeOf }) => {
    if (intAttribute(node, 'p', 2) !== 2) throw new RuleGap('LpNormalization with p other than 2');
    const axis = normaliseAxis(intAttribute(node, 'axis', -1), shapeOf(input(node)).length);
    const norm = builder.op('ReduceL2', [input(node), builder.ints([axis])], { keepdims: 1 });
    const along = builder.op('ReduceSum', [builder.op('Mul', [dy, output(node)]), builder.ints([axis])], {
      keepdims: 1,
    });
    const across = builder.op('Sub', [dy, builder.op('Mul', [output(node), along])]);
    return [builder.op('Div', [across, norm])];
  },
};

/** At inference batch normalisation is affine: dy scale / sqrt(var + epsilon). ONNX Runtime folds the constants. */
function batchNormalization(node: OnnxNode, dy: string, context: GradientContext): string[] {
  if (intAttribute(node, 'training_mode', 0) !== 0) throw new RuleGap('BatchNormalization in training mode');
  const { builder } = context;
  const shifted = builder.op('Add', [input(node, 4), builder.scalar(floatAttribute(node, 'epsilon', 1e-5))]);
  const factor = builder.op('Div', [input(node, 1), builder.op('Sqrt', [shifted])]);
  const rank = context.shapeOf(input(node)).length;
  return [builder.op('Mul', [dy, perChannel(factor, rank, context)])];
}

/** Gradient of (x - mean) / sqrt(var + epsilon): (g - mean(g) - z mean(g z)) / sqrt(var + epsilon). */
function standardised(
  x: string,
  gradient: string,
  axes: readonly number[],
  epsilon: number,
  { builder }: GradientContext,
): string {
  const over = builder.ints(axes);
  const mean = (tensor: string) => builder.op('ReduceMean', [tensor, over], { keepdims: 1 });
  const centred = builder.op('Sub', [x, mean(x)]);
  const variance = mean(builder.op('Mul', [centred, centred]));
  const deviation = builder.op('Sqrt', [builder.op('Add', [variance, builder.scalar(epsilon)])]);
  const z = builder.op('Div', [centred, deviation]);
  const along = builder.op('Mul', [z, mean(builder.op('Mul', [gradient, z]))]);
  const rest = builder.op('Sub', [builder.op('Sub', [gradient, mean(gradient)]), along]);
  return builder.op('Div', [rest, deviation]);
}

/** A vector of one value a channel, shaped to broadcast over [batch, channels, ...]. */
function perChannel(vector: string, rank: number, { builder }: GradientContext): string {
  const shape = [-1, ...Array.from({ length: rank - 2 }, () => 1)];
  return builder.op('Reshape', [vector, builder.ints(shape)]);
}
