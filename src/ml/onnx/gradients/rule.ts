import type { OnnxNode, OnnxTensor } from '../graph.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import type { Shape } from '../shapes.ts';

/** What a gradient rule may know about the graph, and where it writes its nodes. */
export interface GradientContext {
  readonly builder: GraphBuilder;
  /** Shape of a tensor as it was seen in a run. */
  shapeOf(name: string): Shape;
  /** Values of a small integer operand (axes, pads, sizes) that does not depend on the batch. */
  integers(name: string): readonly number[] | undefined;
  /** A weight stored in the file. */
  weight(name: string): OnnxTensor | undefined;
  /** Whether the gradient with respect to this tensor is needed. */
  wanted(name: string | undefined): boolean;
}

/**
 * Writes the backward nodes of one operator. `dy` is the gradient of the first output.
 * Returns the gradient of each input by position; undefined where none is wanted or none flows.
 * Throws `RuleGap` where the node uses the operator in a way that has no rule.
 */
export type GradientRule = (
  node: OnnxNode,
  dy: string,
  context: GradientContext,
  /** Gradients of all outputs, for operators with several. */
  all: readonly (string | undefined)[],
) => readonly (string | undefined)[];

/** An operator, or a way of using it, for which there is no gradient. */
export class RuleGap extends Error {}

/** First input; every differentiable operator has one. */
export function input(node: OnnxNode, index = 0): string {
  const name = node.inputs.at(index);
  if (name === undefined || name === '') throw new RuleGap(`${node.op} lacks input ${index}`);
  return name;
}

export function output(node: OnnxNode, index = 0): string {
  const name = node.outputs.at(index);
  if (name === undefined || name === '') throw new RuleGap(`${node.op} lacks output ${index}`);
  return name;
}

/** Whether an optional input is given. */
export function optionalInput(node: OnnxNode, index: number): string | undefined {
  const name = node.inputs.at(index);
  return name === '' ? undefined : name;
}
