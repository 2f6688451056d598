import type { Box } from '../../../shared/contract/handles.ts';
import type { Point, Size } from './viewport.ts';

export const handles = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const;
export type BoxHandle = (typeof handles)[number];

/** What lies under the pointer: a handle of a box, its inside, or nothing. */
export interface BoxHit {
  readonly index: number;
  readonly part: BoxHandle | 'inside';
}

/** Smaller boxes could not be grabbed again. */
const smallestSide = 4;

/**
 * The box under an image point; `reach` is how near a handle has to be, in image pixels. Handles win over insides, and
 * among insides the smallest box, so that a box within a box can be taken.
 */
export function hitTest(boxes: readonly Box[], at: Point, reach: number): BoxHit | null {
  for (let index = boxes.length - 1; index >= 0; index--) {
    const box = boxes[index];
    if (box === undefined) continue;
    const part = handles.find((handle) => {
      const point = handlePoint(box, handle);
      return Math.max(Math.abs(point.x - at.x), Math.abs(point.y - at.y)) <= reach;
    });
    if (part !== undefined) return { index, part };
  }
  const inside = boxes
    .map((box, index) => ({ box, index }))
    .filter(
      ({ box }) => at.x >= box.x && at.y >= box.y && at.x <= box.x + box.width && at.y <= box.y + box.height,
    )
    .sort((a, b) => a.box.width * a.box.height - b.box.width * b.box.height)[0];
  return inside === undefined ? null : { index: inside.index, part: 'inside' };
}

export function handlePoint(box: Box, handle: BoxHandle): Point {
  const x = handle.includes('w') ? 0 : handle.includes('e') ? 1 : 0.5;
  const y = handle.includes('n') ? 0 : handle.includes('s') ? 1 : 0.5;
  return { x: box.x + box.width * x, y: box.y + box.height * y };
}

/** The box spanned by two image points, whichever comes first; null when it is too small to be meant. */
export function boxBetween(a: Point, b: Point, image: Size): Box | null {
  const left = within(Math.min(a.x, b.x), 0, image.width);
  const top = within(Math.min(a.y, b.y), 0, image.height);
  const right = within(Math.max(a.x, b.x), 0, image.width);
  const bottom = within(Math.max(a.y, b.y), 0, image.height);
  if (right - left < smallestSide || bottom - top < smallestSide) return null;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The box moved by whole pixels, its size kept, inside the image. */
export function moveBox(box: Box, dx: number, dy: number, image: Size): Box {
  return {
    ...box,
    x: within(box.x + dx, 0, image.width - box.width),
    y: within(box.y + dy, 0, image.height - box.height),
  };
}

/** One handle moved; the opposite side stays, and the sides never pass each other. */
export function resizeBox(box: Box, handle: BoxHandle, dx: number, dy: number, image: Size): Box {
  let [left, top, right, bottom] = [box.x, box.y, box.x + box.width, box.y + box.height];
  if (handle.includes('w')) left = within(left + dx, 0, right - smallestSide);
  if (handle.includes('e')) right = within(right + dx, left + smallestSide, image.width);
  if (handle.includes('n')) top = within(top + dy, 0, bottom - smallestSide);
  if (handle.includes('s')) bottom = within(bottom + dy, top + smallestSide, image.height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function within(value: number, low: number, high: number): number {
  return Math.round(Math.min(Math.max(value, low), high));
}
