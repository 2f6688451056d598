import { boxMean } from './retina-plane.ts';
import type { RetinaPlane } from './retina-plane.ts';

/** Pixels of dark lines: position, direction as a unit vector, strength. */
export interface LinePixel {
  readonly x: number;
  readonly y: number;
  readonly alongX: number;
  readonly alongY: number;
  readonly strength: number;
}

const directions = 12;
const halfLength = 7;

/**
 * Vessels by the line detector of Nguyen et al. (Pattern Recognition 46, 2013), one scale: mean of the green plane around
 * a pixel minus its mean along the darkest of twelve lines through it. Returns the strongest `share` of the field.
 */
export function vesselLines(plane: RetinaPlane, share: number): LinePixel[] {
  const { width, height, inside, green } = plane;
  const lines = Array.from({ length: directions }, (_, index) =>
    lineOffsets((index * Math.PI) / directions, width),
  );
  const around = boxMean(green, width, height, halfLength);
  const pixels: LinePixel[] = [];
  let area = 0;
  for (let y = halfLength; y < height - halfLength; y++) {
    for (let x = halfLength; x < width - halfLength; x++) {
      const at = y * width + x;
      if (!inside[at]) continue;
      area++;
      let darkest = Infinity;
      let best = 0;
      for (let direction = 0; direction < directions; direction++) {
        const offsets = lines[direction];
        let sum = 0;
        for (let index = 0; index < offsets.length; index++) sum += green[at + offsets[index]];
        if (sum < darkest) {
          darkest = sum;
          best = direction;
        }
      }
      const angle = (best * Math.PI) / directions;
      const strength = around[at] - darkest / (2 * halfLength + 1);
      if (strength > 0) pixels.push({ x, y, alongX: Math.cos(angle), alongY: Math.sin(angle), strength });
    }
  }
  pixels.sort((a, b) => b.strength - a.strength || a.y - b.y || a.x - b.x);
  return pixels.slice(0, Math.round(share * area));
}

/** Index offsets of the pixels of a line through a pixel. */
function lineOffsets(angle: number, width: number): Int32Array {
  return Int32Array.from({ length: 2 * halfLength + 1 }, (_, index) => {
    const along = index - halfLength;
    return Math.round(along * Math.sin(angle)) * width + Math.round(along * Math.cos(angle));
  });
}
