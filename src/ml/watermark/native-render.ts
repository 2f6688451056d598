import { createHash } from 'node:crypto';
import type { Placement } from '../../shared/placement.ts';
import { planResample, resample } from '../imaging/resample.ts';
import { silhouetteOf } from '../lesions/silhouette.ts';
import { type MarkShape, renderStamp } from './mark-shape.ts';
import type { PlacedStamp, Stamp } from './stamp.ts';

/** A mark whose place and opacity are decided. */
export interface PlacedMark {
  readonly shape: MarkShape;
  readonly x: number;
  readonly y: number;
  /** Opacity cap, 0..255. */
  readonly opacity: number;
}

/** The plain stamp of a mark at native resolution. */
export function plainStamp(mark: PlacedMark): PlacedStamp {
  return { x: mark.x, y: mark.y, stamp: renderStamp(mark.shape, mark.opacity) };
}

/**
 * The stamp of a mark with its texture enlarged to native resolution (bilinear); `textureWidth` x `textureHeight` is the
 * stamp's size at work resolution. The amplitude bound holds after the enlargement because bilinear weights are convex.
 */
export function texturedStamp(
  mark: PlacedMark,
  texture: Float32Array,
  textureWidth: number,
  textureHeight: number,
): PlacedStamp {
  const { shape } = mark;
  const plan = planResample(textureWidth, textureHeight, shape.width, shape.height, 'bilinear');
  const enlarged = resample(plan, { width: textureWidth, height: textureHeight, channels: 3, data: texture });
  return { x: mark.x, y: mark.y, stamp: renderStamp(shape, mark.opacity, enlarged.data) };
}

/** The certificate's entry for a stamp. */
export function placementOf(mark: PlacedMark, placed: PlacedStamp): Placement {
  const { stamp } = placed;
  return {
    x: placed.x,
    y: placed.y,
    width: stamp.width,
    height: stamp.height,
    rotation: mark.shape.rotation,
    opacity: mark.opacity,
    texture: largestDeviation(mark.shape, stamp),
    area: silhouetteOf({ width: stamp.width, height: stamp.height, data: stamp.opacity }).area,
    stampSha256: createHash('sha256').update(stamp.opacity).update(stamp.ink).digest('hex'),
  };
}

function largestDeviation(shape: MarkShape, stamp: Stamp): number {
  let largest = 0;
  for (let p = 0; p < stamp.opacity.length; p++) {
    if (stamp.opacity[p] === 0) continue;
    for (let c = 0; c < 3; c++) {
      largest = Math.max(largest, Math.abs(stamp.ink[p * 3 + c] - shape.ink[p * 3 + c]));
    }
  }
  return largest;
}
