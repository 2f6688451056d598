import { createRandom } from '../random.ts';
import type { BinaryMask, Box } from './plane.ts';

/** A circle in pixel-centre coordinates. */
export interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Outermost set pixels of every row and column, half a pixel further out where the edge really is; those on the frame
 * are left out, because there the frame and not the field ends.
 */
export function outline(mask: BinaryMask): Point[] {
  const { width, height, data } = mask;
  const points: Point[] = [];
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    const first = row.indexOf(1);
    if (first < 0) continue;
    const last = row.lastIndexOf(1);
    if (first > 1) points.push({ x: first - 0.5, y });
    if (last < width - 2) points.push({ x: last + 0.5, y });
  }
  for (let x = 0; x < width; x++) {
    let first = 0;
    while (first < height && data[first * width + x] === 0) first++;
    if (first === height) continue;
    let last = height - 1;
    while (data[last * width + x] === 0) last--;
    if (first > 1) points.push({ x, y: first - 0.5 });
    if (last < height - 2) points.push({ x, y: last + 0.5 });
  }
  return points;
}

/**
 * Circle through the most outline points (RANSAC, Fischler and Bolles 1981; fixed seed), refined by least squares (Kasa 1976)
 * on its inliers. `support` is the share of points within 1 % of `size` of it. Undefined when no plausible circle exists.
 */
export function fitDisc(points: readonly Point[], size: number): { disc: Disc; support: number } | undefined {
  if (points.length < 12) return undefined;
  const tolerance = Math.max(1, size * 0.01);
  const random = createRandom(1);
  const plausible = (disc: Disc | undefined): disc is Disc =>
    disc !== undefined && disc.radius > 0.15 * size && disc.radius < 1.1 * size;
  // Votes of some hundred points decide as well as those of all.
  const stride = Math.ceil(points.length / 400);
  const voters = points.filter((_, i) => i % stride === 0);
  const pick = (): Point => points[random.integer(points.length)];
  let best: Disc | undefined;
  let bestInliers = 0;
  for (let round = 0; round < 300; round++) {
    const disc = leastSquares([pick(), pick(), pick()]);
    if (!plausible(disc)) continue;
    const inliers = countInliers(voters, disc, tolerance);
    if (inliers > bestInliers) {
      best = disc;
      bestInliers = inliers;
    }
  }
  if (best === undefined) return undefined;
  for (let round = 0; round < 5; round++) {
    const near: Disc = best;
    const refined = leastSquares(points.filter((p) => distance(p, near) <= tolerance));
    if (!plausible(refined)) break;
    best = refined;
  }
  return { disc: best, support: countInliers(points, best, tolerance) / points.length };
}

/** Intersection over union of a component and the disc cut to the component's box. */
export function discOverlap(disc: Disc, component: BinaryMask, box: Box): number {
  const { width, data } = component;
  let both = 0;
  let either = 0;
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      const inside = (x - disc.x) ** 2 + (y - disc.y) ** 2 <= disc.radius ** 2;
      const set = data[y * width + x] === 1;
      if (inside && set) both++;
      if (inside || set) either++;
    }
  }
  return either === 0 ? 0 : both / either;
}

function distance(point: Point, disc: Disc): number {
  const dx = point.x - disc.x;
  const dy = point.y - disc.y;
  return Math.abs(Math.sqrt(dx * dx + dy * dy) - disc.radius);
}

function countInliers(points: readonly Point[], disc: Disc, tolerance: number): number {
  let inliers = 0;
  for (const point of points) if (distance(point, disc) <= tolerance) inliers++;
  return inliers;
}

/** Minimises sum (x^2 + y^2 - a x - b y - c)^2: centre (a/2, b/2). Undefined for points on a line. */
function leastSquares(points: readonly Point[]): Disc | undefined {
  if (points.length < 3) return undefined;
  const meanX = points.reduce((sum, p) => sum + p.x, 0) / points.length;
  const meanY = points.reduce((sum, p) => sum + p.y, 0) / points.length;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  let xz = 0;
  let yz = 0;
  let z = 0;
  for (const p of points) {
    const x = p.x - meanX;
    const y = p.y - meanY;
    const square = x * x + y * y;
    xx += x * x;
    xy += x * y;
    yy += y * y;
    xz += x * square;
    yz += y * square;
    z += square;
  }
  const determinant = xx * yy - xy * xy;
  if (Math.abs(determinant) < 1e-6 * (xx + yy) ** 2) return undefined;
  const a = (xz * yy - yz * xy) / determinant / 2;
  const b = (yz * xx - xz * xy) / determinant / 2;
  return { x: meanX + a, y: meanY + b, radius: Math.sqrt(a * a + b * b + z / points.length) };
}
