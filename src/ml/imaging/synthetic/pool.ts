import type { Canvas } from './canvas.ts';
import type { Pool } from './lesions.ts';

/** A boat: the lower part of an ellipse under a level surface. */
export function drawPool(canvas: Canvas, pool: Pool): void {
  const { size, centre, radius, data } = canvas;
  const blur = Math.max(1, 0.012 * radius);
  const level = pool.y - 0.25 * pool.depth;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = ((x - centre) / radius - pool.x) / pool.radius;
      const v = ((y - centre) / radius - pool.y) / pool.depth;
      const fromRim = (1 - Math.hypot(u, v)) * pool.depth * radius;
      const surface = level + pool.level * u;
      const fromSurface = ((y - centre) / radius - surface) * radius;
      const value = Math.min(1, Math.max(0, Math.min(fromRim, fromSurface) / blur));
      const at = y * size + x;
      if (value > data[at]) data[at] = value;
    }
  }
}
