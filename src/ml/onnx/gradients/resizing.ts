import type { OnnxNode } from '../graph.ts';
import { intAttribute, stringAttribute } from '../graph.ts';
import { fixedSize, singleSize } from '../shapes.ts';
import { alongAxis } from './layout.ts';
import type { GradientContext, GradientRule } from './rule.ts';
import { RuleGap, input, output } from './rule.ts';

/** Resize (and Upsample, brought to its form) by nearest or linear interpolation of constant sizes. */
export const resizingRules: Readonly<Record<string, GradientRule>> = { Resize: resize };

/** Interpolation is separable: along each axis the gradient is multiplied with the transposed interpolation matrix. */
function resize(node: OnnxNode, dy: string, context: GradientContext): string[] {
  const from = context.shapeOf(input(node));
  const to = context.shapeOf(output(node));
  if (intAttribute(node, 'antialias', 0) !== 0) throw new RuleGap('Resize with antialiasing');
  let gradient = dy;
  for (const [axis, dim] of from.entries()) {
    const target = to[axis] ?? dim;
    if (singleSize(target) === singleSize(dim)) continue;
    const [size, wanted] = [fixedSize(dim), fixedSize(target)];
    if (size === undefined || wanted === undefined) throw new RuleGap('Resize along the batch');
    const matrix = interpolation(node, size, wanted);
    gradient = alongAxis(gradient, axis, context.builder.floats([wanted, size], matrix), context);
  }
  return [gradient];
}

/** Row i holds the weights with which the input samples make output sample i. */
function interpolation(node: OnnxNode, size: number, wanted: number): Float32Array {
  const mode = stringAttribute(node, 'mode', 'nearest');
  if (mode !== 'nearest' && mode !== 'linear') throw new RuleGap(`Resize in mode "${mode}"`);
  const matrix = new Float32Array(wanted * size);
  const add = (row: number, column: number, weight: number) => {
    const at = row * size + Math.min(Math.max(column, 0), size - 1);
    matrix[at] = (matrix[at] ?? 0) + weight;
  };
  for (let row = 0; row < wanted; row += 1) {
    const x = sourceCoordinate(node, row, size, wanted);
    if (mode === 'nearest') {
      add(row, nearest(stringAttribute(node, 'nearest_mode', 'round_prefer_floor'), x), 1);
    } else {
      const low = Math.floor(x);
      add(row, low, 1 - (x - low));
      add(row, low + 1, x - low);
    }
  }
  return matrix;
}

function sourceCoordinate(node: OnnxNode, index: number, size: number, wanted: number): number {
  const scale = wanted / size;
  const mode = stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel');
  switch (mode) {
    case 'half_pixel':
      return (index + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return wanted > 1 ? (index + 0.5) / scale - 0.5 : 0;
    case 'align_corners':
      return wanted > 1 ? (index * (size - 1)) / (wanted - 1) : 0;
    case 'asymmetric':
      return index / scale;
    default:
      throw new RuleGap(`Resize with coordinates "${mode}"`);
  }
}

function nearest(mode: string, x: number): number {
  switch (mode) {
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5);
    default:
      return Math.ceil(x - 0.5);
  }
}
