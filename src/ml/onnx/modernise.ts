import type { Attribute, OnnxGraph, OnnxNode, OnnxTensor } from './graph.ts';
import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from './graph.ts';
import { elementCount } from './graph.ts';
import type { Shape } from './shapes.ts';
import { fixedSize, normaliseAxis } from './shapes.ts';
import { floatTensor, floatValues, intTensor } from './tensor-values.ts';

/** Oldest operator set the gradient rules are written for. */
export const MODERN_OPSET = 18;

/**
 * The same graph in the operator forms of opset 18 (attributes that became inputs, renamed operators), so that
 * forward and backward nodes can stand in one graph. Newer graphs keep their own opset; Constant nodes become weights.
 * `shapeOf` gives the shapes seen in a run: softmax before opset 13 flattens, which depends on the rank.
 */
export function modernise(graph: OnnxGraph, shapeOf: (name: string) => Shape | undefined): OnnxGraph {
  const initializers = new Map(graph.initializers);
  let made = 0;
  const store = (tensor: OnnxTensor): string => {
    made += 1;
    const name = `ml/operand/${made}`;
    initializers.set(name, tensor);
    return name;
  };
  const nodes = graph.nodes.flatMap((node) => {
    const target = node.outputs.at(0);
    // Exporters share equal weights through Identity nodes: those are weights under a second name.
    const alias = node.op === 'Identity' ? initializers.get(first(node)) : undefined;
    const constant = constantValue(node) ?? alias;
    if (constant !== undefined && target !== undefined) {
      initializers.set(target, constant);
      return [];
    }
    return node.domain === '' ? [upgrade(node, graph.opset, store, shapeOf)] : [node];
  });
  return { ...graph, opset: Math.max(graph.opset, MODERN_OPSET), nodes, initializers };
}

/** The tensor of a Constant node. */
export function constantValue(node: OnnxNode): OnnxTensor | undefined {
  if (node.op !== 'Constant' || node.domain !== '') return undefined;
  for (const [name, attribute] of node.attributes) {
    if (name === 'value' && attribute.kind === 'tensor') return attribute.value;
    if (name === 'value_float' && attribute.kind === 'float') {
      return floatTensor([], Float32Array.of(attribute.value));
    }
    if (name === 'value_floats' && attribute.kind === 'floats') {
      return floatTensor([attribute.value.length], Float32Array.from(attribute.value));
    }
    if (name === 'value_int' && attribute.kind === 'int') return intTensor([], [attribute.value]);
    if (name === 'value_ints' && attribute.kind === 'ints') {
      return intTensor([attribute.value.length], attribute.value);
    }
  }
  return undefined;
}

type Store = (tensor: OnnxTensor) => string;

function upgrade(
  node: OnnxNode,
  opset: number,
  store: Store,
  shapeOf: (name: string) => Shape | undefined,
): OnnxNode {
  const floats = (name: string, fallback: number) =>
    store(floatTensor([], Float32Array.of(floatAttribute(node, name, fallback))));
  switch (node.op) {
    case 'Clip':
      if (opset >= 11) return node;
      return changed(
        node,
        [
          first(node),
          node.attributes.has('min') ? floats('min', 0) : '',
          node.attributes.has('max') ? floats('max', 0) : '',
        ],
        ['min', 'max'],
      );
    case 'Dropout':
      // Outside training the operator passes its input on; the mask is never used there.
      return {
        ...changed(node, [first(node)], ['ratio', 'seed']),
        op: 'Identity',
        outputs: node.outputs.slice(0, 1),
      };
    case 'Slice':
      return opset >= 10 ? node : withOperands(node, ['starts', 'ends', 'axes'], store);
    case 'Pad': {
      if (opset >= 11) return node;
      const pads = intsAttribute(node, 'pads') ?? [];
      const inputs = [first(node), store(intTensor([pads.length], pads)), floats('value', 0)];
      return changed(node, inputs, ['pads', 'value']);
    }
    case 'Squeeze':
    case 'Unsqueeze':
    case 'ReduceSum':
      return opset >= 13 ? node : withOperands(node, ['axes'], store);
    case 'ReduceMean':
    case 'ReduceMax':
    case 'ReduceMin':
    case 'ReduceProd':
    case 'ReduceL1':
    case 'ReduceL2':
    case 'ReduceLogSum':
    case 'ReduceLogSumExp':
    case 'ReduceSumSquare':
      return opset >= 18 ? node : withOperands(node, ['axes'], store);
    case 'Split': {
      const split = opset >= 13 ? node : withOperands(node, ['split'], store);
      if (opset >= 18 || split.inputs.length > 1) return split;
      return {
        ...split,
        attributes: new Map([...split.attributes, ['num_outputs', int(node.outputs.length)]]),
      };
    }
    case 'Softmax':
    case 'LogSoftmax':
      return opset >= 13 ? node : softmax(node, shapeOf(first(node)));
    case 'Upsample': {
      // Deprecated since opset 10: nearest or linear at asymmetric coordinates.
      const scales = node.attributes.get('scales');
      const operand =
        scales?.kind === 'floats'
          ? store(floatTensor([scales.value.length], Float32Array.from(scales.value)))
          : (node.inputs[1] ?? '');
      return resize(node, operand);
    }
    case 'Resize':
      return opset >= 11 ? node : resize(node, node.inputs[1] ?? '');
    case 'BatchNormalization':
      return {
        ...node,
        attributes: without(node, ['spatial', 'momentum']),
        outputs: node.outputs.slice(0, 1),
      };
    case 'Gemm':
      return opset >= 7 ? node : { ...node, attributes: without(node, ['broadcast']) };
    default:
      return node;
  }
}

/** Before opset 13 softmax runs over all axes from `axis` on; after it over one. They agree where the others have size 1. */
function softmax(node: OnnxNode, shape: Shape | undefined): OnnxNode {
  const rank = shape?.length ?? 2;
  const axis = normaliseAxis(intAttribute(node, 'axis', 1), rank);
  const long = shape?.flatMap((dim, index) => (index >= axis && fixedSize(dim) !== 1 ? [index] : [])) ?? [
    axis,
  ];
  // More than one long axis: leave a name no rule knows, so that the operator is refused by its name.
  if (long.length > 1) return { ...node, op: `${node.op} over several axes` };
  return { ...node, attributes: new Map([['axis', int(long[0] ?? axis)]]) };
}

function resize(node: OnnxNode, scales: string): OnnxNode {
  const attributes = new Map<string, Attribute>([
    ['mode', { kind: 'string', value: stringAttribute(node, 'mode', 'nearest') }],
    ['coordinate_transformation_mode', { kind: 'string', value: 'asymmetric' }],
    ['nearest_mode', { kind: 'string', value: 'floor' }],
  ]);
  return { ...node, op: 'Resize', inputs: [first(node), '', scales], attributes };
}

/** Integer-list attributes become inputs, in this order; those at the end that are not given stay out. */
function withOperands(node: OnnxNode, names: readonly string[], store: Store): OnnxNode {
  const operands = names.map((name) => {
    const values = intsAttribute(node, name);
    return values === undefined ? '' : store(intTensor([values.length], values));
  });
  while (operands.at(-1) === '') operands.pop();
  return changed(node, [first(node), ...operands], names);
}

function changed(node: OnnxNode, inputs: readonly string[], dropped: readonly string[]): OnnxNode {
  return { ...node, inputs, attributes: without(node, dropped) };
}

function without(node: OnnxNode, names: readonly string[]): Map<string, Attribute> {
  return new Map([...node.attributes].filter(([name]) => !names.includes(name)));
}

function int(value: number): Attribute {
  return { kind: 'int', value };
}

function first(node: OnnxNode): string {
  return node.inputs[0] ?? '';
}

/** A float scalar's value, if the tensor is one. */
export function scalarValue(tensor: OnnxTensor | undefined): number | undefined {
  if (tensor === undefined || elementCount(tensor.dims) !== 1 || tensor.type !== 1) return undefined;
  return floatValues(tensor)[0];
}
