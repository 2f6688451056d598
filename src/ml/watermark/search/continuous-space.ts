import type { Candidate, PlacementProblem } from './problem.ts';

/** A point (opacity, x, y) as the population searches move it; `toCandidate` makes it legal. */
export type Vector = readonly [opacity: number, x: number, y: number];

/** The bounds of a problem as a box of vectors and the way back from a vector to a legal candidate. */
export interface ContinuousSpace {
  readonly lower: Vector;
  readonly upper: Vector;
  /** Truncates to whole pixels, as the published code does, and repairs an illegal place to the nearest legal one. */
  toCandidate(vector: Vector): Candidate;
  contains(vector: Vector): boolean;
  /** A vector drawn uniformly within the bounds. */
  draw(): Vector;
}

export function continuousSpace(problem: PlacementProblem): ContinuousSpace {
  const { positions, opacity, random } = problem;
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (let i = 0; i < positions.length; i += 2) {
    left = Math.min(left, positions[i]);
    right = Math.max(right, positions[i]);
    top = Math.min(top, positions[i + 1]);
    bottom = Math.max(bottom, positions[i + 1]);
  }
  const lower: Vector = [opacity.minimum, left, top];
  const upper: Vector = [opacity.maximum, right, bottom];
  const between = (axis: 0 | 1 | 2): number => lower[axis] + random.next() * (upper[axis] - lower[axis]);
  return {
    lower,
    upper,
    toCandidate: (vector) => {
      const [a, x, y] = vector.map((value, axis) =>
        Math.trunc(Math.min(upper[axis], Math.max(lower[axis], value))),
      );
      return problem.isLegal(x, y) ? { x, y, opacity: a } : { ...nearestLegal(positions, x, y), opacity: a };
    },
    contains: (vector) => vector.every((value, axis) => value >= lower[axis] && value <= upper[axis]),
    draw: () => [between(0), between(1), between(2)],
  };
}

function nearestLegal(positions: Int32Array, x: number, y: number): { x: number; y: number } {
  let best = 0;
  let bestDistance = Infinity;
  for (let i = 0; i < positions.length; i += 2) {
    const distance = (positions[i] - x) ** 2 + (positions[i + 1] - y) ** 2;
    if (distance < bestDistance) {
      bestDistance = distance;
      best = i;
    }
  }
  return { x: positions[best], y: positions[best + 1] };
}
