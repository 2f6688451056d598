import type { Spot } from './eye.ts';

/** A plane of coverages 0..1 that shapes in retinal coordinates are drawn on; overlaps keep the larger coverage. */
export interface Canvas {
  readonly size: number;
  /** Centre and field radius in pixels: pixel = centre + spot * radius. */
  readonly centre: number;
  readonly radius: number;
  readonly data: Float32Array;
}

export function createCanvas(size: number, radius: number): Canvas {
  return { size, centre: (size - 1) / 2, radius, data: new Float32Array(size * size) };
}

/** Strokes thinner than this many pixels (half-width) are drawn this wide and correspondingly fainter. */
const thinnest = 0.6;

/** A line of changing half-width; edges fall off over a pixel. */
export function drawStroke(
  canvas: Canvas,
  points: readonly (Spot & { readonly halfWidth: number })[],
  strength: number,
): void {
  const { size, centre, radius, data } = canvas;
  for (let i = 1; i < points.length; i++) {
    const ax = centre + points[i - 1].x * radius;
    const ay = centre + points[i - 1].y * radius;
    const dx = centre + points[i].x * radius - ax;
    const dy = centre + points[i].y * radius - ay;
    const wide = points[i].halfWidth * radius;
    const half = Math.max(wide, thinnest);
    const peak = strength * Math.min(1, wide / thinnest);
    const reach = half + 1;
    const left = Math.max(0, Math.floor(Math.min(ax, ax + dx) - reach));
    const right = Math.min(size - 1, Math.ceil(Math.max(ax, ax + dx) + reach));
    const top = Math.max(0, Math.floor(Math.min(ay, ay + dy) - reach));
    const bottom = Math.min(size - 1, Math.ceil(Math.max(ay, ay + dy) + reach));
    const square = dx * dx + dy * dy || 1;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square));
        const distance = Math.sqrt((x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2);
        if (distance >= reach) continue;
        // A cylinder of blood: thickest in the middle.
        const value =
          peak *
          Math.min(1, reach - distance) *
          (0.72 + 0.28 * Math.sqrt(Math.max(0, 1 - (distance / reach) ** 2)));
        const at = y * size + x;
        if (value > data[at]) data[at] = value;
      }
    }
  }
}

/** An irregular blob. */
export interface Blob extends Spot {
  /** Mean radius along and across, in field radii. */
  readonly along: number;
  readonly across: number;
  /** Direction of `along`, radians. */
  readonly angle: number;
  /** Amplitude of the outline's waves relative to the radius, and their phases for 2, 3, 5 and 7 waves. */
  readonly raggedness: number;
  readonly phases: readonly number[];
  /** Width of the edge relative to the radius: 0 sharp, 1 cloudy. */
  readonly softness: number;
  readonly strength: number;
}

const waves = [2, 3, 5, 7] as const;

export function drawBlob(canvas: Canvas, blob: Blob): void {
  const { size, centre, radius, data } = canvas;
  const px = centre + blob.x * radius;
  const py = centre + blob.y * radius;
  // A blob smaller than a pixel keeps its total darkness: drawn wider and fainter.
  const along = Math.max(blob.along * radius, thinnest);
  const across = Math.max(blob.across * radius, thinnest);
  const peak = blob.strength * Math.min(1, (blob.along * blob.across * radius * radius) / (along * across));
  const edge = Math.max(blob.softness, 1 / Math.min(along, across));
  const reach = Math.max(along, across) * (1 + blob.raggedness) * (1 + edge) + 1;
  const cos = Math.cos(blob.angle);
  const sin = Math.sin(blob.angle);
  for (let y = Math.max(0, Math.floor(py - reach)); y <= Math.min(size - 1, Math.ceil(py + reach)); y++) {
    for (let x = Math.max(0, Math.floor(px - reach)); x <= Math.min(size - 1, Math.ceil(px + reach)); x++) {
      const u = ((x - px) * cos + (y - py) * sin) / along;
      const v = ((y - py) * cos - (x - px) * sin) / across;
      const distance = Math.sqrt(u * u + v * v);
      if (distance > (1 + blob.raggedness) * (1 + edge)) continue;
      const around = Math.atan2(v, u);
      let outline = 1;
      for (let k = 0; k < waves.length; k++) {
        outline += (blob.raggedness / waves[k]) * Math.cos(waves[k] * around + blob.phases[k]);
      }
      const t = Math.min(1, Math.max(0, (outline + edge / 2 - distance) / edge));
      const value = peak * t * t * (3 - 2 * t);
      const at = y * size + x;
      if (value > data[at]) data[at] = value;
    }
  }
}
