import type { FieldOfView } from '../imaging/field-of-view.ts';
import type { Raster } from '../imaging/raster.ts';
import { roleOf } from './annotations/classes.ts';
import type { AnnotatedRegion } from './annotations/regions.ts';
import { discCandidates, discRadius } from './disc-score.ts';
import type { DiscCandidate } from './disc-score.ts';
import { findFovea } from './fovea-score.ts';
import { retinaPlane } from './retina-plane.ts';
import type { RetinaPlane } from './retina-plane.ts';
import { vesselLines } from './vessel-lines.ts';

/** Optic disc or fovea as a circle to protect, in host pixels. */
export interface Landmark {
  readonly name: 'disc' | 'fovea';
  readonly x: number;
  readonly y: number;
  /** Radius to protect, already widened where the position is unsure. */
  readonly radius: number;
  /** 0 (a guess) .. 1 (certain). */
  readonly confidence: number;
}

/** Below this the second-best place is protected as well. */
const sure = 0.5;

/**
 * Finds the optic disc and the fovea where no annotation names them, from brightness, vessels and anatomy alone. The
 * circles are generous (disc: 1.4 usual radii, fovea: one disc diameter), wider and more when unsure; an annotated disc
 * is used to find the fovea. Empty when both are annotated; the fovea is missing when it would lie outside the field.
 */
export function findLandmarks(
  image: Raster,
  field: FieldOfView,
  regions: readonly AnnotatedRegion[] = [],
): Landmark[] {
  const needsFovea = !regions.some((region) => roleOf(region.class) === 'fovea');
  const known = centreOf(regions.filter((region) => roleOf(region.class) === 'disc'));
  if (known !== null && !needsFovea) return [];
  const plane = retinaPlane(image, field);
  const lines = vesselLines(plane, 0.08);
  const landmarks: Landmark[] = [];
  const discs: { x: number; y: number; confidence: number }[] = [];
  if (known !== null) {
    discs.push({
      x: (known.x + 0.5) / plane.scaleX - 0.5,
      y: (known.y + 0.5) / plane.scaleY - 0.5,
      confidence: 1,
    });
  } else {
    const candidates = discCandidates(plane, lines, 2);
    if (candidates.length === 0) return [];
    const best = candidates[0];
    const second = candidates.at(1);
    const confidence = confidenceOf(best, second?.score ?? -Infinity);
    discs.push({ ...best, confidence });
    if (confidence < sure && second !== undefined) discs.push({ ...second, confidence: confidence / 2 });
    for (const disc of discs) {
      landmarks.push(native(plane, 'disc', disc, discRadius * (confidence < sure ? 1.7 : 1.4)));
    }
  }
  if (!needsFovea) return landmarks;
  for (const disc of discs) {
    for (const fovea of findFovea(plane, lines, disc)) {
      landmarks.push(native(plane, 'fovea', fovea, discRadius * (fovea.confidence < sure ? 2.5 : 2)));
    }
  }
  return landmarks;
}

/** From the score of the best place (both cues, standard deviations) and its lead over the next. */
function confidenceOf(best: DiscCandidate, second: number): number {
  const level = clamp((best.score - 3) / 4);
  const lead = clamp((best.score - second) / 4);
  return Math.min(Math.sqrt(level * lead), best.isCut ? 0.9 * sure : 1);
}

function native(
  plane: RetinaPlane,
  name: Landmark['name'],
  place: { x: number; y: number; confidence: number },
  radius: number,
): Landmark {
  return {
    name,
    x: Math.round((place.x + 0.5) * plane.scaleX - 0.5),
    y: Math.round((place.y + 0.5) * plane.scaleY - 0.5),
    radius: Math.ceil(radius * Math.max(plane.scaleX, plane.scaleY)),
    confidence: place.confidence,
  };
}

function centreOf(regions: readonly AnnotatedRegion[]): { x: number; y: number } | null {
  let count = 0;
  let sumX = 0;
  let sumY = 0;
  for (const region of regions) {
    if (region.kind === 'box') {
      const area = region.box.width * region.box.height;
      count += area;
      sumX += area * (region.box.x + (region.box.width - 1) / 2);
      sumY += area * (region.box.y + (region.box.height - 1) / 2);
      continue;
    }
    const { width, data } = region.mask;
    for (let index = data.indexOf(1); index >= 0; index = data.indexOf(1, index + 1)) {
      count++;
      sumX += index % width;
      sumY += Math.floor(index / width);
    }
  }
  return count === 0 ? null : { x: sumX / count, y: sumY / count };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
