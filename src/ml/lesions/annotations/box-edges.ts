import { basename } from 'node:path';

import type { Box } from '../../imaging/plane.ts';
import { mismatch, unreadable } from './annotation-file.ts';
import type { ImageKey } from './regions.ts';

/** Largest coordinate that is taken for a pixel position at all. */
const farthest = 1_000_000;

/** Edges of a box in continuous image coordinates: a pixel covers [column, column + 1). */
export interface BoxEdges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * The smallest box of whole pixels around the edges, cut to the image; `cut` tells whether a part was lost. Throws Failure
 * `annotation-unreadable` for edges that are not finite, far out of any image, or enclose nothing, and
 * `annotation-mismatch` when the box lies wholly outside the image.
 */
export function pixelBox(
  edges: BoxEdges,
  image: ImageKey,
  path: string,
  element: string,
): { box: Box; cut: boolean } {
  const { left, top, right, bottom } = edges;
  for (const edge of [left, top, right, bottom]) {
    if (!(Math.abs(edge) <= farthest)) throw unreadable(path, `${element} has the coordinate ${edge}`);
  }
  if (right <= left || bottom <= top) {
    throw unreadable(
      path,
      `${element} has no area (${right - left} x ${bottom - top})`,
      'correct or remove the box',
    );
  }
  if (right <= 0 || bottom <= 0 || left >= image.width || top >= image.height) {
    throw mismatch(
      path,
      `${element} lies wholly outside the image of ${image.width}x${image.height} pixels`,
      'check that the annotation belongs to this image at its full size',
    );
  }
  const x = Math.max(0, Math.floor(left));
  const y = Math.max(0, Math.floor(top));
  const box = {
    x,
    y,
    width: Math.min(image.width, Math.ceil(right)) - x,
    height: Math.min(image.height, Math.ceil(bottom)) - y,
  };
  return { box, cut: left < 0 || top < 0 || right > image.width || bottom > image.height };
}

/** What the person is told about a region that was cut. */
export function cutNote(path: string, element: string): string {
  return `${basename(path)}: ${element} reaches beyond the image and was cut at its edge`;
}
