import type { Candidate, PlacementProblem } from './problem.ts';

/** Legal grid places at the highest opacity, nearest to the salient place first (the measured guide: docs/methods.md). */
export async function nearestFirst(problem: PlacementProblem): Promise<Candidate[]> {
  const { positions, opacity } = problem;
  const candidates: Candidate[] = [];
  for (let i = 0; i < positions.length; i += 2) {
    candidates.push({ x: positions[i], y: positions[i + 1], opacity: opacity.maximum });
  }
  return byDistance(candidates, await problem.salient());
}

/** The candidates, nearest to a place first. */
export function byDistance(
  candidates: readonly Candidate[],
  place: { readonly x: number; readonly y: number },
): Candidate[] {
  const distance = ({ x, y }: Candidate): number => (x - place.x) ** 2 + (y - place.y) ** 2;
  return candidates.toSorted((a, b) => distance(a) - distance(b) || a.y - b.y || a.x - b.x);
}

/** The candidates of a list that keep at least `pitch` pixels (in the larger of both axes) from those kept before. */
export function thinned(candidates: readonly Candidate[], pitch: number): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    const near = kept.some(
      (other) => Math.max(Math.abs(other.x - candidate.x), Math.abs(other.y - candidate.y)) < pitch,
    );
    if (!near) kept.push(candidate);
  }
  return kept;
}

/** The eight neighbours of a candidate at a pixel distance that are legal. */
export function legalNeighbours(
  isLegal: PlacementProblem['isLegal'],
  centre: Candidate,
  distance: number,
): Candidate[] {
  const neighbours: Candidate[] = [];
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const x = centre.x + dx * distance;
      const y = centre.y + dy * distance;
      if ((dx !== 0 || dy !== 0) && isLegal(x, y)) neighbours.push({ x, y, opacity: centre.opacity });
    }
  }
  return neighbours;
}

/** The other opacities a search may try for a place, evenly spread, the lowest last. */
export function opacityLadder(problem: PlacementProblem, centre: Candidate, steps: number): Candidate[] {
  const { minimum, maximum } = problem.opacity;
  const levels = new Set<number>();
  for (let i = 1; i <= steps; i++) levels.add(Math.round(maximum - ((maximum - minimum) * i) / steps));
  levels.delete(centre.opacity);
  return [...levels].map((opacity) => ({ ...centre, opacity }));
}
