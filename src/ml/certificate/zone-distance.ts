import { LegalityMap } from '../lesions/legality.ts';
import type { Silhouette } from '../lesions/silhouette.ts';
import type { ForbiddenZone } from '../lesions/zone.ts';
import type { SilhouetteMap } from './silhouette-map.ts';

/**
 * Inked pixels on the forbidden zone and the distance in pixels from the ink to the nearest forbidden pixel (exact
 * Euclidean between pixel centres; null when nothing is forbidden). Certificates state both and verification repeats
 * this very computation. Throws RangeError when zone and image differ in size.
 */
export function zoneDistance(
  map: SilhouetteMap,
  image: { readonly width: number; readonly height: number },
  zone: Pick<ForbiddenZone, 'mask'>,
): { readonly overlap: number; readonly clearance: number | null } {
  if (zone.mask.width !== image.width || zone.mask.height !== image.height) {
    throw new RangeError(
      `the zone has ${zone.mask.width}x${zone.mask.height} pixels, the image ${image.width}x${image.height}`,
    );
  }
  const silhouette = silhouetteInRows(map, image.width, image.height);
  const legality = LegalityMap.fromZone(zone);
  const overlap = legality.overlap(silhouette, 0, 0);
  const clearance = legality.clearance(silhouette, 0, 0);
  return { overlap, clearance: Number.isFinite(clearance) ? clearance : null };
}

/** Runs over the pixel index, which may pass the end of a row, as runs within rows. */
function silhouetteInRows({ runs, pixels }: SilhouetteMap, width: number, height: number): Silhouette {
  const rows: number[] = [];
  for (let index = 0; index < runs.length; index += 2) {
    const end = runs[index] + runs[index + 1];
    for (let start = runs[index]; start < end;) {
      const row = Math.floor(start / width);
      const stop = Math.min(end, (row + 1) * width);
      rows.push(row, start - row * width, stop - row * width);
      start = stop;
    }
  }
  return { width, height, runs: Int32Array.from(rows), area: pixels };
}
