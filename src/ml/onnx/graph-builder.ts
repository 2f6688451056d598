import type { Attribute, OnnxGraph, OnnxNode, OnnxTensor, ValueInfo } from './graph.ts';
import { floatTensor, intTensor } from './tensor-values.ts';

export type AttributeValues = Readonly<
  Record<string, number | string | readonly number[] | { readonly float: number } | undefined>
>;

/**
 * Collects nodes and weights of a graph that is being written; every method returns the name of what it made.
 * Names made here start with `prefix`, so that they cannot meet those of an imported graph.
 */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, OnnxTensor>();
  readonly inputs: ValueInfo[] = [];
  readonly outputs: ValueInfo[] = [];
  readonly valueInfos: ValueInfo[] = [];
  readonly opset: number;
  readonly #prefix: string;
  readonly #shared = new Map<string, string>();
  #count = 0;

  constructor(opset: number, prefix = 'ml/') {
    this.opset = opset;
    this.#prefix = prefix;
  }

  /** Appends a node with one output; numbers become integer attributes, `{ float }` float ones. */
  op(
    op: string,
    inputs: readonly string[],
    attributes: AttributeValues = {},
    output = this.#fresh(),
  ): string {
    this.#append(op, inputs, [output], attributes);
    return output;
  }

  /** Appends a node with `count` outputs. */
  opWithOutputs(
    op: string,
    inputs: readonly string[],
    count: number,
    attributes: AttributeValues = {},
  ): readonly string[] {
    const outputs = Array.from({ length: count }, () => this.#fresh());
    this.#append(op, inputs, outputs, attributes);
    return outputs;
  }

  /** A float32 scalar. */
  scalar(value: number): string {
    return this.#share(`f${value}`, () => floatTensor([], Float32Array.of(value)));
  }

  /** A one-dimensional int64 tensor. */
  ints(values: readonly number[]): string {
    return this.#share(`i${values.join()}`, () => intTensor([values.length], values));
  }

  floats(dims: readonly number[], values: Float32Array): string {
    return this.tensor(floatTensor(dims, values));
  }

  tensor(tensor: OnnxTensor, name = this.#fresh()): string {
    this.initializers.set(name, tensor);
    return name;
  }

  graph(otherDomains: ReadonlyMap<string, number> = new Map()): OnnxGraph {
    const { opset, inputs, outputs, valueInfos, nodes, initializers } = this;
    return { opset, otherDomains, inputs, outputs, valueInfos, nodes, initializers };
  }

  #append(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: AttributeValues,
  ): void {
    const typed = new Map<string, Attribute>();
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined) typed.set(name, typedAttribute(value));
    }
    this.nodes.push({
      name: `${outputs[0] ?? op}/${op}`,
      op,
      domain: '',
      inputs,
      outputs,
      attributes: typed,
    });
  }

  #share(key: string, make: () => OnnxTensor): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.tensor(make());
    this.#shared.set(key, name);
    return name;
  }

  #fresh(): string {
    this.#count += 1;
    return `${this.#prefix}${this.#count}`;
  }
}

function typedAttribute(value: number | string | readonly number[] | { readonly float: number }): Attribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  if ('float' in value) return { kind: 'float', value: value.float };
  return { kind: 'ints', value };
}
