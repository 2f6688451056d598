import type { Box } from './plane.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A box of the stored picture as it lies in the upright one (EXIF orientation 1..8); `stored` is the size of the stored picture. */
export function uprightBox(box: Box, stored: Size, orientation: number): Box {
  const { x, y, width, height } = box;
  const right = stored.width - x - width;
  const bottom = stored.height - y - height;
  const swapped = { width: height, height: width };
  switch (orientation) {
    case 2:
      return { x: right, y, width, height };
    case 3:
      return { x: right, y: bottom, width, height };
    case 4:
      return { x, y: bottom, width, height };
    case 5:
      return { x: y, y: x, ...swapped };
    case 6:
      return { x: bottom, y: x, ...swapped };
    case 7:
      return { x: bottom, y: right, ...swapped };
    case 8:
      return { x: y, y: right, ...swapped };
    default:
      return { x, y, width, height };
  }
}

/** The way back: a box of the upright picture in the stored one. */
export function storedBox(box: Box, stored: Size, orientation: number): Box {
  const upright = orientation >= 5 ? { width: stored.height, height: stored.width } : stored;
  // Only the two quarter turns are not their own inverse.
  return uprightBox(box, upright, orientation === 6 ? 8 : orientation === 8 ? 6 : orientation);
}
