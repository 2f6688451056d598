import { countCovered, isFree } from './occupancy.ts';
import type { Occupancy } from './occupancy.ts';
import type { Silhouette } from './silhouette.ts';
import type { ForbiddenZone } from './zone.ts';
import { ZoneIndex } from './zone-index.ts';

/**
 * Answers, exactly and at native resolution, where a mark may stand: no inked pixel on the forbidden zone nor on a mark
 * placed before (`with`), the mark's whole box inside the image. Immutable; maps made by `with` share everything but
 * the new mark. Positions are the top-left corner of the silhouette's box, in whole host pixels.
 */
export class LegalityMap {
  readonly width: number;
  readonly height: number;
  readonly #zone: ZoneIndex;
  readonly #placed: readonly Occupancy[];

  private constructor(zone: ZoneIndex, placed: readonly Occupancy[]) {
    this.width = zone.mask.width;
    this.height = zone.mask.height;
    this.#zone = zone;
    this.#placed = placed;
  }

  static fromZone(zone: Pick<ForbiddenZone, 'mask'>): LegalityMap {
    return new LegalityMap(new ZoneIndex(zone.mask), []);
  }

  /** False also outside the image and for a silhouette without ink. Throws RangeError for fractional positions. */
  isLegal(silhouette: Silhouette, x: number, y: number): boolean {
    if (!Number.isInteger(x) || !Number.isInteger(y))
      throw new RangeError(`position ${x}, ${y} is not a whole pixel`);
    if (silhouette.area === 0 || x < 0 || y < 0) return false;
    if (x + silhouette.width > this.width || y + silhouette.height > this.height) return false;
    if (!this.#zone.isFree(silhouette, x, y)) return false;
    return this.#placed.every((mark) => isFree(mark, silhouette, x, y));
  }

  /**
   * Every legal position on a grid of the given stride in pixels, as x, y pairs in row-major order. The grid's phase
   * puts one position where the mark's centre coincides (to half a pixel) with the centre of the smallest box around
   * all allowed pixels, i.e. of the field of view: the grid lies symmetrically in the field, whatever the stride.
   */
  legalPositions(silhouette: Silhouette, stride: number): Int32Array {
    if (!(Number.isInteger(stride) && stride >= 1))
      throw new RangeError(`stride ${stride} is not a whole number of pixels`);
    const { allowed } = this.#zone;
    const positions: number[] = [];
    const firstX = phase(allowed.x, allowed.width, silhouette.width, stride);
    const firstY = phase(allowed.y, allowed.height, silhouette.height, stride);
    for (let y = firstY; y + silhouette.height <= this.height; y += stride) {
      for (let x = firstX; x + silhouette.width <= this.width; x += stride) {
        if (this.isLegal(silhouette, x, y)) positions.push(x, y);
      }
    }
    return Int32Array.from(positions);
  }

  /**
   * Exact Euclidean distance in pixels, between pixel centres, from the mark's nearest inked pixel to the forbidden
   * zone's nearest pixel: 0 on the zone, 1 beside it, Infinity without a zone. Other marks do not count.
   */
  clearance(silhouette: Silhouette, x: number, y: number): number {
    return this.#zone.clearance(silhouette, x, y);
  }

  /** Inked pixels on pixels of the forbidden zone; other marks do not count, nor do pixels outside the image. */
  overlap(silhouette: Silhouette, x: number, y: number): number {
    return countCovered(this.#zone.occupancy, silhouette, x, y);
  }

  /** The same map with a mark placed: its inked pixels and all within `margin` pixels of them are taken. */
  with(silhouette: Silhouette, x: number, y: number, margin: number): LegalityMap {
    const taken = this.#zone.grown(silhouette, margin);
    return new LegalityMap(this.#zone, [...this.#placed, { ...taken, x: x + taken.x, y: y + taken.y }]);
  }
}

/** First grid position >= 0 of the grid that contains the position centred on `allowed`. */
function phase(origin: number, extent: number, size: number, stride: number): number {
  const centred = Math.floor(origin + (extent - size) / 2);
  return ((centred % stride) + stride) % stride;
}
