import type { Picture } from '../../shared/contract/handles.ts';

/**
 * Smallest level that fills a box without being enlarged; the largest level where none does.
 *
 * @param longest longest side of the box in device pixels
 */
export function pictureLevel({ levels }: Pick<Picture, 'levels'>, longest: number): number {
  const enough = levels.findLastIndex(({ width, height }) => Math.max(width, height) >= longest);
  return Math.max(0, enough);
}
