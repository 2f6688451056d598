import type { BinaryMask } from '../../ml/imaging/plane.ts';
import { withDrawnBoxes, type DrawnBox } from '../../ml/lesions/drawn-zone.ts';
import { zoneDigest } from '../../ml/lesions/forbidden-zone.ts';
import { LegalityMap } from '../../ml/lesions/legality.ts';
import { silhouetteOf, type Silhouette } from '../../ml/lesions/silhouette.ts';
import type { ForbiddenZone } from '../../ml/lesions/zone.ts';
import { markMargin } from '../../ml/watermark/place-marks.ts';
import type { PlacedStamp } from '../../ml/watermark/stamp.ts';
import { Failure } from '../../shared/failure.ts';
import type { ReviewedImage } from './reviewed-image.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Grid points along the longer side of the image. */
const gridPoints = 200;

/** Where one mark of a finished image may stand, the other marks staying where they are. Places are top left corners in the stored image. */
export class MarkPlaces {
  readonly silhouette: Silhouette;
  /** Distance of the grid's points in pixels. */
  readonly stride: number;
  readonly #map: LegalityMap;
  #grid: Int32Array | undefined;

  /** @throws Failure usage for a mark there is not, job-inconsistent where stamps or zone were not kept */
  constructor(image: ReviewedImage, drawn: readonly DrawnBox[], mark: number) {
    const { zone, stamps } = movable(image);
    const moved = stamps.at(mark);
    if (moved === undefined) throw new Failure('usage', `the image has no mark ${mark + 1}`);
    const margin = markMargin(image.fieldOfView);
    this.silhouette = silhouetteOfStamp(moved);
    this.#map = stamps
      .filter((one) => one !== moved)
      .reduce(
        (map, one) => map.with(silhouetteOfStamp(one), one.x, one.y, margin),
        LegalityMap.fromZone(withDrawnBoxes(zone, drawn)),
      );
    this.stride = Math.max(1, Math.round(Math.max(zone.mask.width, zone.mask.height) / gridPoints));
  }

  isLegal({ x, y }: Place): boolean {
    return this.#map.isLegal(this.silhouette, x, y);
  }

  /** Legal places on the grid, as x, y pairs. */
  grid(): Int32Array {
    this.#grid ??= this.#map.legalPositions(this.silhouette, this.stride);
    return this.#grid;
  }

  /** The nearest legal place, exactly when it lies within two strides, else to within a stride. Null when there is none. */
  nearest(to: Place): Place | null {
    return this.#nearestAround(to, to, 2 * this.stride) ?? this.#fromGrid(to);
  }

  /** Where the middle of the mark may lie, at grid resolution, in the size of the image. */
  middles(): BinaryMask {
    const { width, height } = this.#map;
    const data = new Uint8Array(width * height);
    const grid = this.grid();
    const half = this.stride >> 1;
    for (let index = 0; index < grid.length; index += 2) {
      const left = clamp(grid[index] + (this.silhouette.width >> 1) - half, width);
      const top = clamp(grid[index + 1] + (this.silhouette.height >> 1) - half, height);
      for (let row = top; row < Math.min(height, top + this.stride); row++) {
        data.fill(1, row * width + left, row * width + Math.min(width, left + this.stride));
      }
    }
    return { width, height, data };
  }

  #fromGrid(to: Place): Place | null {
    const grid = this.grid();
    let best: Place | null = null;
    for (let index = 0; index < grid.length; index += 2) {
      const place = { x: grid[index], y: grid[index + 1] };
      if (best === null || distance(place, to) < distance(best, to)) best = place;
    }
    return best === null ? null : (this.#nearestAround(to, best, this.stride) ?? best);
  }

  /** The legal place nearest to `to` among those at most `reach` from `centre` in either direction. */
  #nearestAround(to: Place, centre: Place, reach: number): Place | null {
    let best: Place | null = null;
    for (let y = centre.y - reach; y <= centre.y + reach; y++) {
      for (let x = centre.x - reach; x <= centre.x + reach; x++) {
        const place = { x, y };
        if (best !== null && distance(place, to) >= distance(best, to)) continue;
        if (this.isLegal(place)) best = place;
      }
    }
    return best;
  }
}

/** The zone of a finished image as the certificate states it without drawn boxes. */
export function zoneBeforeDrawing({ certificate }: ReviewedImage, mask: BinaryMask): ForbiddenZone {
  const { sources, dilation } = certificate.zone;
  const found = sources.filter((source) => source.kind !== 'annotation' || source.format !== 'drawn');
  return { mask, sources: found, dilation, sha256: zoneDigest(mask) };
}

/** Indices of marks whose ink lies on drawn boxes, their margin included. */
export function marksOnBoxes(image: ReviewedImage, drawn: readonly DrawnBox[]): number[] {
  if (drawn.length === 0) return [];
  const { zone, stamps } = movable(image);
  const open = { ...zone, mask: { ...zone.mask, data: new Uint8Array(zone.mask.data.length) } };
  const map = LegalityMap.fromZone(withDrawnBoxes(open, drawn));
  return stamps.flatMap((one, index) =>
    map.overlap(silhouetteOfStamp(one), one.x, one.y) > 0 ? [index] : [],
  );
}

/** What changing an image needs. @throws Failure job-inconsistent where it was not kept */
export function movable(image: ReviewedImage): {
  readonly zone: ForbiddenZone;
  readonly stamps: readonly PlacedStamp[];
} {
  const { zone, workings, record } = image;
  if (zone === null || workings === null) {
    throw new Failure('job-inconsistent', 'what the marks were made of was not kept with the job', {
      subject: record.path,
      hint: 'Run the job again to have the image made anew.',
    });
  }
  return { zone: zoneBeforeDrawing(image, zone), stamps: workings.stamps };
}

function silhouetteOfStamp({ stamp: { width, height, opacity } }: PlacedStamp): Silhouette {
  return silhouetteOf({ width, height, data: opacity });
}

function distance(a: Place, b: Place): number {
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2;
}

function clamp(value: number, size: number): number {
  return Math.min(size - 1, Math.max(0, value));
}
