import type { OnnxGraph } from './graph.ts';

/** Inputs that tell sizes, axes or places: a gradient rule must know their values. */
const INTEGER_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Slice: [1, 2, 3, 4],
  Gather: [1],
  Pad: [1, 3],
  Expand: [1],
  Tile: [1],
  Split: [1],
  Squeeze: [1],
  Unsqueeze: [1],
  ReduceSum: [1],
  ReduceMean: [1],
  ReduceMax: [1],
  ReduceMin: [1],
  ReduceL1: [1],
  ReduceL2: [1],
  ReduceSumSquare: [1],
  ReduceLogSumExp: [1],
};

/** Names of integer operands that nodes compute, so that their values have to be seen in a run. */
export function integerOperands(graph: OnnxGraph): string[] {
  const computed = new Set(graph.nodes.flatMap((node) => node.outputs));
  const names = graph.nodes.flatMap((node) => {
    const places = node.domain === '' ? (INTEGER_INPUTS[node.op] ?? []) : [];
    return places.map((place) => node.inputs[place] ?? '').filter((name) => computed.has(name));
  });
  return [...new Set(names)];
}
