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
 * What may be the optic disc, the likeliest first: the parts of the map (probability 0.5 and more) that are as large, round and
 * filled as a disc, by their size. Glare at the rim is long and thin, most bright lesions are small. Empty when nothing is like a disc.
 */
export function discsInMap({ width, height, box, values }: LesionMaps): SeenDisc[] {
  const data = Uint8Array.from(values.OD, (value) => (value >= probabilitySteps / 2 ? 1 : 0));
  const scale = box.width / width;
  return maskParts({ width, height, data })
    .filter(isDisc)
    .sort((a, b) => b.area - a.area)
    .map(({ area, pixels }) => {
      let [sumX, sumY] = [0, 0];
      for (const p of pixels) {
        sumX += p % width;
        sumY += Math.floor(p / width);
      }
      return {
        x: box.x + (sumX / area + 0.5) * scale - 0.5,
        y: box.y + (sumY / area + 0.5) * (box.height / height) - 0.5,
        radius: Math.max(usualRadius, Math.sqrt(area / Math.PI)) * scale,
      };
    });
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
