import type { LegalityMap } from '../lesions/legality.ts';
import type { Random } from '../random.ts';
import type { MarkShape } from './mark-shape.ts';

/** What fits into an image: a shape and how many of it. */
export interface Room {
  readonly shape: MarkShape;
  /** Longest side as a fraction of the field of view's diameter. */
  readonly size: number;
  readonly count: number;
}

const SHRINK = 0.85;
const PACKINGS = 6;

/**
 * The largest size, from `size` down to `minimumSize` in steps of 15 %, at which `count` marks find legal room side by
 * side; else the size at which most do. Undefined when not even one smallest mark fits. Packing is tried at random a few
 * times, so a rare tight arrangement may be missed; it is never illegal.
 */
export function findRoom(
  legality: LegalityMap,
  shapeAt: (size: number) => MarkShape,
  wanted: {
    readonly size: number;
    readonly minimumSize: number;
    readonly count: number;
    readonly margin: number;
  },
  strideOf: (shape: MarkShape) => number,
  random: Random,
): Room | undefined {
  let best: Room | undefined;
  for (const size of sizeLadder(wanted.size, wanted.minimumSize)) {
    const shape = shapeAt(size);
    const count = packedCount(legality, shape, wanted, strideOf(shape), random);
    if (count > (best?.count ?? 0)) best = { shape, size, count };
    if (count === wanted.count) break;
  }
  return best;
}

function sizeLadder(size: number, minimum: number): number[] {
  const sizes: number[] = [];
  for (let current = size; current > minimum * 1.001; current *= SHRINK) sizes.push(current);
  sizes.push(minimum);
  return sizes;
}

function packedCount(
  legality: LegalityMap,
  shape: MarkShape,
  { count, margin }: { readonly count: number; readonly margin: number },
  stride: number,
  random: Random,
): number {
  const positions = legality.legalPositions(shape.silhouette, stride);
  let most = 0;
  for (let attempt = 0; attempt < PACKINGS && most < count && positions.length > 0; attempt++) {
    most = Math.max(most, placeAtRandom(legality, shape, positions, count, margin, random).length);
  }
  return most;
}

/** Up to `count` marks at random legal places, none overlapping another. */
export function placeAtRandom(
  legality: LegalityMap,
  shape: MarkShape,
  positions: Int32Array,
  count: number,
  margin: number,
  random: Random,
): { x: number; y: number }[] {
  const order = random.shuffle(Array.from({ length: positions.length / 2 }, (_, i) => i));
  const placed: { x: number; y: number }[] = [];
  let map = legality;
  for (const i of order) {
    if (placed.length === count) break;
    const x = positions[i * 2];
    const y = positions[i * 2 + 1];
    if (!map.isLegal(shape.silhouette, x, y)) continue;
    placed.push({ x, y });
    if (placed.length < count) map = map.with(shape.silhouette, x, y, margin);
  }
  return placed;
}
