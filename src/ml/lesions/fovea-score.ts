import { fieldRadius, smooth } from './retina-plane.ts';
import type { RetinaPlane } from './retina-plane.ts';
import type { LinePixel } from './vessel-lines.ts';

export interface FoveaPlace {
  readonly x: number;
  readonly y: number;
  readonly confidence: number;
}

/** Distance from the disc's centre on the reduced plane: about 2.6 disc diameters. */
const usualDistance = 0.8 * fieldRadius;
/** The fovea lies slightly below the disc's centre. */
const usualDrop = 0.08 * fieldRadius;
/** Nearer than this to the middle, the disc does not tell which side is temporal. */
const centralDisc = 0.3 * fieldRadius;

/**
 * Fovea relative to a disc: the darkest place free of vessels near the anatomically expected one, on the side of the
 * field's centre; on both sides for a disc near the middle. Nothing where the expected place lies outside the field.
 */
export function findFovea(
  plane: RetinaPlane,
  lines: readonly LinePixel[],
  disc: { readonly x: number; readonly y: number; readonly confidence: number },
): FoveaPlace[] {
  const offset = plane.centreX - disc.x;
  const central = Math.abs(offset) < centralDisc;
  const sides = central ? [-1, 1] : [Math.sign(offset)];
  const dark = darkness(plane, lines);
  return sides.flatMap((side) => {
    const expected = { x: disc.x + side * usualDistance, y: disc.y + usualDrop };
    if (!isInside(plane, expected.x, expected.y)) return [];
    const best = darkestNear(plane, dark, expected);
    const evidence = Math.min(1, Math.max(0, best.score / 2));
    return [{ x: best.x, y: best.y, confidence: disc.confidence * evidence * (central ? 0.5 : 1) }];
  });
}

/** How dark and free of vessels the surroundings of each pixel are, in local standard deviations. */
function darkness(plane: RetinaPlane, lines: readonly LinePixel[]): Float32Array {
  const { width } = plane;
  const vessels = new Float32Array(plane.green.length);
  for (const line of lines) vessels[line.y * width + line.x] = 1;
  const density = smooth(vessels, plane, 8);
  const core = smooth(plane.green, plane, 8);
  const surround = smooth(plane.green, plane, 28);
  return core.map((value, index) => (surround[index] - value) * 2 - 4 * density[index]);
}

function darkestNear(
  plane: RetinaPlane,
  dark: Float32Array,
  expected: { readonly x: number; readonly y: number },
): { x: number; y: number; score: number } {
  const reachX = 0.22 * fieldRadius;
  const reachY = 0.26 * fieldRadius;
  let best = { x: expected.x, y: expected.y, score: -Infinity };
  for (let y = Math.round(expected.y - reachY); y <= expected.y + reachY; y++) {
    for (let x = Math.round(expected.x - reachX); x <= expected.x + reachX; x++) {
      if (!isInside(plane, x, y)) continue;
      const away = ((x - expected.x) / reachX) ** 2 + ((y - expected.y) / reachY) ** 2;
      const score = dark[y * plane.width + x] - away;
      if (away <= 1 && score > best.score) best = { x, y, score };
    }
  }
  return best;
}

function isInside({ width, height, inside }: RetinaPlane, x: number, y: number): boolean {
  const column = Math.round(x);
  const row = Math.round(y);
  return column >= 0 && row >= 0 && column < width && row < height && inside[row * width + column] === 1;
}
