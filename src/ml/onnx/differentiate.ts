import type { OnnxGraph, OnnxNode } from './graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import { integerValues } from './tensor-values.ts';
import { intAttribute } from './graph.ts';
import { activationRules } from './gradients/activations.ts';
import { arithmeticRules } from './gradients/arithmetic.ts';
import { convolutionRules } from './gradients/convolution.ts';
import { layoutRules } from './gradients/layout.ts';
import { linearRules } from './gradients/linear.ts';
import { normalisationRules } from './gradients/normalisations.ts';
import { poolingRules } from './gradients/pooling.ts';
import { reductionRules } from './gradients/reductions.ts';
import { resizingRules } from './gradients/resizing.ts';
import type { GradientContext, GradientRule } from './gradients/rule.ts';
import { RuleGap } from './gradients/rule.ts';
import { selectionRules } from './gradients/selection.ts';
import type { Shape } from './shapes.ts';
import { declaredSizes } from './shapes.ts';
import { ElementType } from './schema.ts';

const RULES: ReadonlyMap<string, GradientRule> = new Map(
  Object.entries({
    ...activationRules,
    ...arithmeticRules,
    ...convolutionRules,
    ...layoutRules,
    ...linearRules,
    ...normalisationRules,
    ...poolingRules,
    ...reductionRules,
    ...resizingRules,
    ...selectionRules,
  }),
);

/** Operators whose result is no differentiable function of the image: the gradient ends there, as in PyTorch. */
const CONSTANT_ALMOST_EVERYWHERE = new Set([
  'Shape',
  'Size',
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'And',
  'Or',
  'Not',
  'Xor',
  'IsNaN',
  'IsInf',
  'ArgMax',
  'ArgMin',
  'Floor',
  'Ceil',
  'Round',
  'Sign',
  'NonZero',
  'ConstantOfShape',
  'Range',
  'EyeLike',
]);

export interface DifferentiableGraph {
  /** In operator forms of opset 18 or newer. */
  readonly graph: OnnxGraph;
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Integer operands computed by nodes, where they do not depend on the batch. */
  readonly integers: ReadonlyMap<string, readonly number[]>;
}

/** An operator on the way from the image to the logits that has no gradient. */
export interface GradientGap {
  readonly operator: string;
  readonly reason: string;
}

/**
 * Appends to a copy of the graph the nodes that carry `seed` (gradient of `from`) back to `to`, in reverse order of the
 * forward nodes (reverse-mode differentiation, Griewank & Walther 2008, ch. 3).
 * `makeSeed` writes the gradient of `from`; the result names the gradients of `to` and of every tensor in `also`.
 * Throws `GapFound` naming each operator without a gradient.
 */
export function differentiate(
  source: DifferentiableGraph,
  from: string,
  to: readonly string[],
  makeSeed: (builder: GraphBuilder) => string,
): { builder: GraphBuilder; gradients: ReadonlyMap<string, string> } {
  const { graph } = source;
  const path = pathNodes(graph, to, from);
  const gaps = missingRules(path);
  if (gaps.length > 0) throw new GapFound(gaps);
  const builder = copyOf(graph, path);
  const wanted = dependents(graph, to);
  const context = contextOf(source, builder, wanted);
  const contributions = new Map<string, string[]>([[from, [makeSeed(builder)]]]);
  const gradients = new Map<string, string>();
  const gradientOf = (name: string): string | undefined => {
    const known = gradients.get(name);
    if (known !== undefined) return known;
    const shares = contributions.get(name) ?? [];
    if (shares.length === 0) return undefined;
    const sum = shares.reduce((total, next) => builder.op('Add', [total, next]));
    gradients.set(name, sum);
    if (shares.length > 1) declare(builder, sum, context.shapeOf(name));
    return sum;
  };
  for (const node of path.toReversed()) {
    const all = node.outputs.map(gradientOf);
    const dy = all.find((gradient) => gradient !== undefined);
    const rule = RULES.get(node.op);
    if (dy === undefined || rule === undefined) continue;
    for (const [index, gradient] of guarded(rule, node, dy, context, all).entries()) {
      const name = node.inputs.at(index);
      if (gradient === undefined || name === undefined || !wanted.has(name)) continue;
      contributions.set(name, [...(contributions.get(name) ?? []), gradient]);
      declare(builder, gradient, context.shapeOf(name));
    }
  }
  for (const name of to) gradientOf(name);
  return { builder, gradients };
}

export class GapFound extends Error {
  readonly gaps: readonly GradientGap[];

  constructor(gaps: readonly GradientGap[]) {
    super(gaps.map((gap) => `${gap.operator}: ${gap.reason}`).join('; '));
    this.gaps = gaps;
  }
}

/** Operators on the way from the image to the logits that have no rule at all; a node's details are not looked at. */
export function missingRules(path: readonly OnnxNode[]): GradientGap[] {
  const missing = path.filter((node) => node.domain !== '' || !RULES.has(node.op));
  const names = new Set(missing.map((node) => (node.domain === '' ? node.op : `${node.domain}.${node.op}`)));
  return [...names].map((operator) => ({ operator, reason: 'no gradient is known for this operator' }));
}

/** Names of the operators that can be differentiated. */
export function differentiableOperators(): string[] {
  return [...RULES.keys()].toSorted();
}

/** Nodes, in order, through which `to` depends differentiably on `from`. */
export function pathNodes(graph: OnnxGraph, from: readonly string[], to: string): OnnxNode[] {
  const forward = dependents(graph, from);
  const needed = new Set([to]);
  const path: OnnxNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name) && forward.has(name))) continue;
    path.push(node);
    for (const name of node.inputs) if (forward.has(name)) needed.add(name);
  }
  return path.toReversed();
}

/** Tensors that depend differentiably on any of the sources. */
function dependents(graph: OnnxGraph, sources: readonly string[]): Set<string> {
  const names = new Set(sources);
  for (const node of graph.nodes) {
    if (node.domain === '' && CONSTANT_ALMOST_EVERYWHERE.has(node.op)) continue;
    if (node.op === 'Cast' && intAttribute(node, 'to', 1) !== ElementType.float32) continue;
    const carrying = node.op === 'Where' ? node.inputs.slice(1) : node.inputs;
    if (carrying.some((name) => names.has(name))) for (const name of node.outputs) names.add(name);
  }
  names.delete('');
  return names;
}

/** The forward graph, with the extra outputs that the backward nodes read. */
function copyOf(graph: OnnxGraph, path: readonly OnnxNode[]): GraphBuilder {
  const builder = new GraphBuilder(graph.opset);
  const onPath = new Set(path);
  for (const node of graph.nodes) builder.nodes.push(onPath.has(node) ? withIndices(node) : node);
  for (const [name, tensor] of graph.initializers) builder.tensor(tensor, name);
  builder.inputs.push(...graph.inputs);
  return builder;
}

/**
 * A gradient has the size of its tensor. Saying so lets ONNX Runtime keep its blocked channel layout from one
 * convolution to the next, which shape inference alone (a Reshape loses the batch axis) would break.
 */
function declare(builder: GraphBuilder, gradient: string, shape: Shape): void {
  const dims = declaredSizes(shape);
  if (dims === undefined || builder.valueInfos.some((info) => info.name === gradient)) return;
  builder.valueInfos.push({ name: gradient, type: ElementType.float32, dims });
}

/** MaxPool tells where its maxima were only if it has a second output. */
function withIndices(node: OnnxNode): OnnxNode {
  if (node.op !== 'MaxPool' || (node.outputs[1] ?? '') !== '') return node;
  return { ...node, outputs: [...node.outputs.slice(0, 1), indicesName(node)] };
}

function indicesName(node: OnnxNode): string {
  return `ml/indices/${node.outputs[0] ?? ''}`;
}

function contextOf(
  source: DifferentiableGraph,
  builder: GraphBuilder,
  wanted: ReadonlySet<string>,
): GradientContext {
  const { graph, shapes } = source;
  return {
    builder,
    shapeOf: (name) => {
      const shape = shapes.get(name) ?? graph.initializers.get(name)?.dims;
      if (shape === undefined) throw new RuleGap(`the size of "${name}" is not known`);
      return shape;
    },
    integers: (name) => {
      const stored = graph.initializers.get(name);
      return stored === undefined ? source.integers.get(name) : integerValues(stored);
    },
    weight: (name) => {
      const stored = graph.initializers.get(name);
      return stored?.type === ElementType.float32 ? stored : undefined;
    },
    wanted: (name) => name !== undefined && wanted.has(name),
  };
}

function guarded(
  rule: GradientRule,
  node: OnnxNode,
  dy: string,
  context: GradientContext,
  all: readonly (string | undefined)[],
): readonly (string | undefined)[] {
  try {
    return rule(node.op === 'MaxPool' ? withIndices(node) : node, dy, context, all);
  } catch (cause) {
    if (!(cause instanceof RuleGap)) throw cause;
    throw new GapFound([{ operator: node.op, reason: cause.message }]);
  }
}
