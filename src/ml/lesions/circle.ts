import type { BinaryMask } from '../imaging/plane.ts';

export interface Circle {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Sets the pixels of a mask whose centres lie within the circle; what lies beyond the mask is left out. */
export function addCircle({ width, height, data }: BinaryMask, { x, y, radius }: Circle): void {
  const first = Math.max(0, Math.ceil(y - radius));
  const last = Math.min(height - 1, Math.floor(y + radius));
  for (let row = first; row <= last; row++) {
    const half = Math.sqrt(radius * radius - (row - y) ** 2);
    const left = Math.max(0, Math.ceil(x - half));
    const right = Math.min(width - 1, Math.floor(x + half));
    if (left <= right) data.fill(1, row * width + left, row * width + right + 1);
  }
}
