import { pathNodes } from './differentiate.ts';
import type { OnnxGraph } from './graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { Shape } from './shapes.ts';
import { fixedSize, sameShape } from './shapes.ts';

/** Where Grad-CAM reads: a tensor, and how its elements lie on the image. */
export type FeaturePlace =
  | {
      readonly kind: 'channels-first' | 'channels-last';
      readonly tensor: string;
      readonly rows: number;
      readonly columns: number;
    }
  | {
      /** Tokens [batch, prefix + rows * columns, width] of a vision transformer; the prefix is the class token. */
      readonly kind: 'tokens';
      readonly tensor: string;
      readonly rows: number;
      readonly columns: number;
      readonly prefix: number;
    };

/** Operators whose result is only rearranged: the features are looked for before them. */
const REARRANGING = new Set([
  'Transpose',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Dropout',
  'Pad',
  'Slice',
  'Gather',
]);

/**
 * The last spatial activation before the logits: of a transformer the tokens that enter the last block (after it only
 * the class token counts), else the last rank-4 activation of more than one place.
 */
export function findFeatures(
  graph: OnnxGraph,
  shapes: ReadonlyMap<string, Shape>,
  image: string,
  logits: string,
): FeaturePlace | undefined {
  const path = pathNodes(graph, [image], logits);
  return tokens(path, shapes) ?? spatial(path, shapes);
}

/** Writes ReLU(sum over channels of mean gradient times activation), [batch, rows, columns]. */
export function camNodes(builder: GraphBuilder, place: FeaturePlace, gradient: string, result: string): void {
  const { rows, columns } = place;
  let [features, slope] = [place.tensor, gradient];
  if (place.kind === 'tokens') {
    const cut = (tensor: string) =>
      builder.op('Slice', [
        tensor,
        builder.ints([place.prefix]),
        builder.ints([place.prefix + rows * columns]),
        builder.ints([1]),
      ]);
    [features, slope] = [cut(features), cut(slope)];
  }
  const [places, channel] =
    place.kind === 'channels-first' ? [[2, 3], 1] : place.kind === 'channels-last' ? [[1, 2], 3] : [[1], 2];
  const weights = builder.op('ReduceMean', [slope, builder.ints(places)], { keepdims: 1 });
  const weighted = builder.op('Mul', [features, weights]);
  const sum = builder.op('ReduceSum', [weighted, builder.ints([channel])], { keepdims: 0 });
  const map = builder.op('Reshape', [builder.op('Relu', [sum]), builder.ints([-1, rows, columns])]);
  builder.op('Identity', [map], {}, result);
}

type Path = ReturnType<typeof pathNodes>;

function spatial(path: Path, shapes: ReadonlyMap<string, Shape>): FeaturePlace | undefined {
  for (const [index, node] of [...path.entries()].toReversed()) {
    const tensor = node.outputs.at(0);
    const shape = tensor === undefined ? undefined : shapes.get(tensor);
    if (tensor === undefined || shape?.length !== 4 || REARRANGING.has(node.op)) continue;
    const [, ...sizes] = shape.map(fixedSize);
    const [a, b, c] = sizes;
    if (a === undefined || b === undefined || c === undefined) continue;
    const last = channelsLast(path.slice(index + 1), tensor);
    const [rows, columns] = last ? [a, b] : [b, c];
    if (rows * columns > 1 && rows > 0) {
      return { kind: last ? 'channels-last' : 'channels-first', tensor, rows, columns };
    }
  }
  return undefined;
}

/** Whether the tensor is averaged over its second and third axis, or normalised along its last. */
function channelsLast(after: Path, tensor: string): boolean {
  return after.some((node) => node.inputs[0] === tensor && node.op === 'LayerNormalization');
}

function tokens(path: Path, shapes: ReadonlyMap<string, Shape>): FeaturePlace | undefined {
  const attention = path.findLastIndex((node) => {
    const shape = shapes.get(node.outputs[0] ?? '');
    return node.op === 'Softmax' && shape !== undefined && shape.length >= 3;
  });
  if (attention < 0) return undefined;
  const patches = path.find((node) => node.op === 'Conv');
  const grid = shapes
    .get(patches?.outputs[0] ?? '')
    ?.slice(2)
    .map(fixedSize);
  const [rows, columns] = grid ?? [];
  if (rows === undefined || columns === undefined) return undefined;
  for (const node of path.slice(0, attention).toReversed()) {
    const [left, right] = [0, 1].map((index) => shapes.get(node.inputs.at(index) ?? ''));
    const tensor = node.outputs.at(0);
    if (node.op !== 'Add' || tensor === undefined || left?.length !== 3 || right?.length !== 3) continue;
    const count = fixedSize(left[1]);
    // A residual sum adds two tensors of the whole token shape; a bias is a vector.
    if (!sameShape(left, right) || count === undefined || count < rows * columns) continue;
    return { kind: 'tokens', tensor, rows, columns, prefix: count - rows * columns };
  }
  return undefined;
}
