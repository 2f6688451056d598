import type { LesionMaps } from './lesion-maps.ts';
import { probabilitySteps } from './lesion-maps.ts';
import { maskParts, type MaskPart } from './mask-parts.ts';
import { viewDiameter } from './network-view.ts';

/** An optic disc the network sees, in native pixels. */
export interface SeenDisc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Radius of a usual disc (0.155 of the field's radius, IDRiD median), at the scale of the view. */
const usualRadius = 0.155 * (viewDiameter / 2);
const usualArea = Math.PI * usualRadius ** 2;

/**
 * The optic disc: the largest part of the map (probability 0.5 and more) that is as large, round and filled as a disc. Glare at
 * the rim is long and thin, bright lesions are small. Null when nothing is like a disc.
 */
export function discInMap({ width, height, box, values }: LesionMaps): SeenDisc | null {
  const data = Uint8Array.from(values.OD, (value) => (value >= probabilitySteps / 2 ? 1 : 0));
  const [best] = maskParts({ width, height, data })
    .filter(isDisc)
    .sort((a, b) => b.area - a.area);
  if (best === undefined) return null;
  let [sumX, sumY] = [0, 0];
  for (const p of best.pixels) {
    sumX += p % width;
    sumY += Math.floor(p / width);
  }
  const scale = box.width / width;
  return {
    x: box.x + (sumX / best.area + 0.5) * scale - 0.5,
    y: box.y + (sumY / best.area + 0.5) * (box.height / height) - 0.5,
    radius: Math.max(usualRadius, Math.sqrt(best.area / Math.PI)) * scale,
  };
}

/** Vessels cross the disc and myopic crescents widen it, so that the bounds are loose. */
function isDisc({ area, box }: MaskPart): boolean {
  const longer = Math.max(box.width, box.height);
  const shorter = Math.min(box.width, box.height);
  return (
    area > 0.3 * usualArea &&
    area < 3 * usualArea &&
    longer < 2.2 * shorter &&
    area > 0.35 * box.width * box.height
  );
}
