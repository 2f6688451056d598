import { fieldRadius, smooth } from './retina-plane.ts';
import type { RetinaPlane } from './retina-plane.ts';
import type { LinePixel } from './vessel-lines.ts';

/** A place that looks like an optic disc, on the reduced plane; the score is in standard deviations of the field. */
export interface DiscCandidate {
  readonly x: number;
  readonly y: number;
  readonly score: number;
  /** Whether the field's edge cuts a large part off: glare looks like this more often than discs do. */
  readonly isCut: boolean;
}

/** Radius of a usual disc on the reduced plane (0.155 of the field's radius: IDRiD median). */
export const discRadius = 20;

/** Vessels count from the disc's rim to about three discs away. */
const nearest = 6;
const farthest = 60;
/** A crossing of strong vessels must not outweigh a missing disc. */
const mostConvergence = 3;
const mostlyInside = 0.6;

/**
 * The best places for the optic disc, best first, at least two disc diameters apart: bright compact spots (difference of
 * Gaussians) on which vessels converge (the share of line pixels around that point towards the place, weighted by
 * strength). Either cue alone fails: exudates are bright too, and vessel arcades have several foci.
 */
export function discCandidates(
  plane: RetinaPlane,
  lines: readonly LinePixel[],
  count: number,
): DiscCandidate[] {
  const { width, inside } = plane;
  const brightness = standardise(spots(plane), inside);
  const convergence = standardise(smooth(convergenceMap(plane, lines), plane, 4), inside);
  const share = shareInside(plane);
  const score = brightness.map((value, index) =>
    inside[index]
      ? 1.5 * value +
        Math.min(convergence[index], mostConvergence) -
        heightPenalty(plane, Math.floor(index / width)) -
        8 * Math.max(0, mostlyInside - share[index])
      : -Infinity,
  );
  const candidates: DiscCandidate[] = [];
  while (candidates.length < count) {
    let best = -1;
    for (let index = 0; index < score.length; index++) {
      if (score[index] > (best < 0 ? -Infinity : score[best])) best = index;
    }
    if (best < 0) break;
    const x = best % width;
    const y = Math.floor(best / width);
    candidates.push({ x, y, score: score[best], isCut: share[best] < mostlyInside });
    for (let index = 0; index < score.length; index++) {
      const apart = Math.hypot((index % width) - x, Math.floor(index / width) - y);
      if (apart < 4 * discRadius) score[index] = -Infinity;
    }
  }
  return candidates;
}

/** Bright spots of a disc's size: difference of Gaussians of both planes, since red often saturates. */
function spots(plane: RetinaPlane): Float32Array {
  const parts = [plane.bright, plane.green].map((tone) => {
    const surround = smooth(tone, plane, 24);
    return smooth(tone, plane, 9).map((value, index) => value - surround[index]);
  });
  return parts[0].map((value, index) => value + parts[1][index]);
}

/** How much of a disc-sized neighbourhood of each pixel lies inside the field. */
function shareInside({ width, height, inside }: RetinaPlane): Float32Array {
  return smooth(Float32Array.from(inside), { width, height, inside: inside.map(() => 1) }, 11);
}

/** Discs lie near the horizontal midline; glare at the upper and lower rim does not. */
function heightPenalty({ centreY }: RetinaPlane, y: number): number {
  return 6 * Math.max(0, Math.abs(y - centreY) / fieldRadius - 0.35);
}

/** On a grid of every third pixel, repeated between. */
function convergenceMap({ width, height, inside }: RetinaPlane, lines: readonly LinePixel[]): Float32Array {
  const map = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const index = y * width + x;
      if (y % 3 > 0 || x % 3 > 0) map[index] = map[index - (x % 3) - (y % 3) * width];
      else if (inside[index]) map[index] = convergenceAt(x, y, lines);
    }
  }
  return map;
}

function convergenceAt(x: number, y: number, lines: readonly LinePixel[]): number {
  let sum = 0;
  for (const line of lines) {
    const dx = line.x - x;
    const dy = line.y - y;
    const squared = dx * dx + dy * dy;
    if (squared < nearest * nearest || squared > farthest * farthest) continue;
    const cosine2 = (dx * line.alongX + dy * line.alongY) ** 2 / squared;
    // 3/8 is the mean of cos^4 over all directions: unrelated lines cancel.
    sum += line.strength * (cosine2 * cosine2 - 0.375);
  }
  return sum;
}

function standardise(plane: Float32Array, inside: Uint8Array): Float32Array {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < plane.length; index++) {
    if (!inside[index]) continue;
    count++;
    sum += plane[index];
    squares += plane[index] ** 2;
  }
  const mean = sum / Math.max(1, count);
  const deviation = Math.sqrt(Math.max(1e-12, squares / Math.max(1, count) - mean * mean));
  return plane.map((value) => (value - mean) / deviation);
}
