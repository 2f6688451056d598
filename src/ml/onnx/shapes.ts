/**
 * One dimension of a tensor as seen in two runs with one and two samples:
 * a plain number where the batch does not matter, `perSample` times the batch where it does.
 */
export type Dim = number | { readonly perSample: number };
export type Shape = readonly Dim[];

/** The shape behind sizes seen with one and with two samples; undefined where they do not grow in proportion. */
export function reconcile(single: readonly number[], double: readonly number[]): Shape | undefined {
  if (single.length !== double.length) return undefined;
  const shape: Dim[] = [];
  for (const [axis, size] of single.entries()) {
    const other = double[axis];
    if (other === size) shape.push(size);
    else if (other === 2 * size) shape.push({ perSample: size });
    else return undefined;
  }
  return shape;
}

/** Whether two dimensions are the same for every batch. */
export function sameDim(a: Dim | undefined, b: Dim | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (typeof a === 'number' || typeof b === 'number') return a === b;
  return a.perSample === b.perSample;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => sameDim(dim, b[axis]));
}

/** Shape operand of a Reshape: the batch dimension becomes -1. Undefined when two dimensions depend on the batch. */
export function reshapeOperand(shape: Shape): number[] | undefined {
  if (shape.filter((dim) => typeof dim !== 'number').length > 1) return undefined;
  return shape.map((dim) => (typeof dim === 'number' ? dim : -1));
}

/** Shape operand of an Expand whose source already has the batch dimension. */
export function expandOperand(shape: Shape): number[] {
  return shape.map((dim) => (typeof dim === 'number' ? dim : 1));
}

/** Name of the batch axis in graphs written here. */
export const BATCH_AXIS = 'ml/batch';

/** Declared sizes of a tensor whose only open axis is the batch; undefined for others. */
export function declaredSizes(shape: Shape): (number | string)[] | undefined {
  if (shape.some((dim) => typeof dim !== 'number' && dim.perSample !== 1)) return undefined;
  return shape.map((dim) => (typeof dim === 'number' ? dim : BATCH_AXIS));
}

/** A non-negative axis. */
export function normaliseAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The size of a dimension that does not depend on the batch. */
export function fixedSize(dim: Dim | undefined): number | undefined {
  return typeof dim === 'number' ? dim : undefined;
}

/** The size a dimension has in a run with one sample. */
export function singleSize(dim: Dim): number {
  return typeof dim === 'number' ? dim : dim.perSample;
}
