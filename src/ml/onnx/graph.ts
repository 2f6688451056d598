/**
 * An ONNX graph as plain data, between the protobuf file and everything that reads or changes graphs.
 * Tensors keep their little-endian bytes; nothing is converted until somebody asks for values.
 */
export interface OnnxGraph {
  /** Version of the standard operator set the nodes are written for. */
  readonly opset: number;
  /** Operator sets of other domains the graph names, by domain. */
  readonly otherDomains: ReadonlyMap<string, number>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Sizes of inner tensors, where the writer knows them better than shape inference would. */
  readonly valueInfos?: readonly ValueInfo[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
}

export interface ValueInfo {
  readonly name: string;
  readonly type: number;
  /** A number where the size is fixed, a name (possibly empty) where it is not; undefined when the rank is unknown. */
  readonly dims: readonly (number | string)[] | undefined;
}

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** '' is the standard's own domain. */
  readonly domain: string;
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  /** Sub-graphs, string lists and the like: recognised, never interpreted. */
  | { readonly kind: 'opaque' };

export interface OnnxTensor {
  readonly type: number;
  readonly dims: readonly number[];
  /** Little-endian elements, row-major. */
  readonly raw: Uint8Array;
}

/** Number of elements of a shape. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

export function intAttribute(node: OnnxNode, name: string, fallback: number): number {
  const found = node.attributes.get(name);
  return found?.kind === 'int' ? found.value : fallback;
}

export function floatAttribute(node: OnnxNode, name: string, fallback: number): number {
  const found = node.attributes.get(name);
  return found?.kind === 'float' ? found.value : fallback;
}

export function stringAttribute(node: OnnxNode, name: string, fallback: string): string {
  const found = node.attributes.get(name);
  return found?.kind === 'string' ? found.value : fallback;
}

export function intsAttribute(node: OnnxNode, name: string): readonly number[] | undefined {
  const found = node.attributes.get(name);
  return found?.kind === 'ints' ? found.value : undefined;
}
