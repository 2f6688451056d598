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
  const offsets = Array.from({ length: directions }, (_, index) =>
    lineOffsets((index * Math.PI) / directions),
  );
  const pixels: LinePixel[] = [];
  let area = 0;
  for (let y = halfLength; y < height - halfLength; y++) {
    for (let x = halfLength; x < width - halfLength; x++) {
      if (!inside[y * width + x]) continue;
      area++;
      const around = windowMean(green, width, x, y);
      let darkest = Infinity;
      let best = 0;
      for (let direction = 0; direction < directions; direction++) {
        let sum = 0;
        for (const [dx, dy] of offsets[direction]) sum += green[(y + dy) * width + x + dx];
        const mean = sum / offsets[direction].length;
        if (mean < darkest) {
          darkest = mean;
          best = direction;
        }
      }
      const angle = (best * Math.PI) / directions;
      const strength = around - darkest;
      if (strength > 0) pixels.push({ x, y, alongX: Math.cos(angle), alongY: Math.sin(angle), strength });
    }
  }
  pixels.sort((a, b) => b.strength - a.strength || a.y - b.y || a.x - b.x);
  return pixels.slice(0, Math.round(share * area));
}

function lineOffsets(angle: number): [number, number][] {
  return Array.from({ length: 2 * halfLength + 1 }, (_, index) => [
    Math.round((index - halfLength) * Math.cos(angle)),
    Math.round((index - halfLength) * Math.sin(angle)),
  ]);
}

function windowMean(plane: Float32Array, width: number, x: number, y: number): number {
  let sum = 0;
  for (let dy = -halfLength; dy <= halfLength; dy++) {
    for (let dx = -halfLength; dx <= halfLength; dx++) sum += plane[(y + dy) * width + x + dx];
  }
  return sum / (2 * halfLength + 1) ** 2;
}
