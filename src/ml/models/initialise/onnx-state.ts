import { intAttribute, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../../onnx/graph.ts';
import { ElementType } from '../../onnx/schema.ts';
import { floatValues } from '../../onnx/tensor-values.ts';
import type { StateDictionary } from './take-state.ts';
import { linearToKernel, type StateTensor } from './weight-layout.ts';

/**
 * The weights of a graph that PyTorch exported, by their names in the state dictionary. Exporters keep the names, or
 * number the tensors (`onnx::Conv_193`) once constants are folded; the module then stands in the node's name
 * (`/layer1/layer1.0/conv1/Conv`).
 */
export function onnxState(graph: OnnxGraph): StateDictionary {
  const state = new Map<string, StateTensor>();
  const named = new Set<string>();
  for (const node of graph.nodes) {
    for (const [key, name, tensor] of weightsOf(node, graph)) {
      state.set(key, tensor);
      named.add(name);
    }
  }
  for (const [name, tensor] of graph.initializers) {
    // Shapes, axes and other operands are no weights.
    const weight = tensor.type === ElementType.float32 && tensor.dims.length > 0;
    if (weight && !named.has(name) && !state.has(name)) state.set(name, stateTensor(tensor));
  }
  return state;
}

type Found = readonly [key: string, name: string, tensor: StateTensor];

/** State key, initialiser and tensor of the weights a node holds. */
function weightsOf(node: OnnxNode, graph: OnnxGraph): Found[] {
  const found = (key: string, index: number, transposed = false): Found[] => {
    const name = node.inputs[index] ?? '';
    const tensor = graph.initializers.get(name);
    if (tensor?.type !== ElementType.float32) return [];
    const state = stateTensor(tensor);
    return [[key, name, transposed ? transpose(state) : state]];
  };
  const path = modulePath(node);
  switch (node.op) {
    case 'Conv':
      return path === undefined ? [] : [...found(`${path}.weight`, 1), ...found(`${path}.bias`, 2)];
    case 'Gemm': {
      if (path === undefined) return [];
      const transposed = intAttribute(node, 'transB', 0) === 0;
      return [...found(`${path}.weight`, 1, transposed), ...found(`${path}.bias`, 2)];
    }
    case 'MatMul':
      // [in, out], and the bias, added by the next node, keeps its name.
      return path === undefined ? [] : found(`${path}.weight`, 1, true);
    case 'BatchNormalization':
      return path === undefined
        ? []
        : [
            ...found(`${path}.weight`, 1),
            ...found(`${path}.bias`, 2),
            ...found(`${path}.running_mean`, 3),
            ...found(`${path}.running_var`, 4),
          ];
    default:
      return [];
  }
}

/** `layer1.0.conv1`, from the weight's name or from the node's; undefined where neither tells. */
function modulePath(node: OnnxNode): string | undefined {
  const weight = node.inputs[1] ?? '';
  // Names with :: are numbers; in others the module stands before the last dot.
  if (weight.endsWith('.weight') && !weight.includes('::')) return weight.slice(0, -'.weight'.length);
  const scopes = node.name.split('/').slice(1, -1);
  if (scopes.length === 0) return undefined;
  // A sequence repeats its own name before its members': /features/features.0/features.0.0.
  const kept = scopes.filter((scope, index) => !(scopes[index + 1] ?? '').startsWith(`${scope}.`));
  return kept.join('.');
}

function stateTensor(tensor: OnnxTensor): StateTensor {
  return { shape: tensor.dims, values: floatValues(tensor) };
}

function transpose(tensor: StateTensor): StateTensor {
  const [rows, columns] = tensor.shape;
  if (tensor.shape.length !== 2) return tensor;
  return { shape: [columns, rows], values: linearToKernel(tensor) };
}
