import type { BinaryMask } from '../../imaging/plane.ts';
import type { Raster } from '../../imaging/raster.ts';
import type { AnnotatedRegion } from '../annotations/regions.ts';
import { addCircle } from '../circle.ts';
import type { ZoneSource } from '../zone.ts';
import type { SeenDisc } from './disc-in-map.ts';
import { networkClasses } from './lesion-classes.ts';
import type { LesionFinder } from './open-lesion-network.ts';
import type { RetinaReading } from './retina-reading.ts';

/** The lesion network's share of a forbidden zone. */
export interface NetworkZone {
  readonly regions: readonly AnnotatedRegion[];
  readonly sources: readonly ZoneSource[];
  /** Margin around the regions where nobody names one, as a fraction of the field's diameter. */
  readonly margin: number;
}

/** Outlines at zone level lie outside the lesions already, so that less margin is needed than around a person's. */
const usualMargin = 0.0025;
const doubtfulMargin = 0.01;
/** Of the disc the network sees: its outline is sure to a few pixels only. */
const discShare = 1.15;

/**
 * Lesions and optic disc of a reading, at the thresholds of the network's card for keeping marks away; `strictness` above 1 keeps
 * the likelier ones only, below 1 adds fainter ones.
 */
export function networkZone(
  { disc, discLike, doubts, mask, threshold }: RetinaReading,
  { id }: LesionFinder,
  image: Raster,
  strictness: number,
): NetworkZone {
  const regions = networkClasses.flatMap((name): AnnotatedRegion[] => {
    const found = mask(name, 'zone', name === 'OD' ? 1 : strictness);
    // Only the disc's circle is named a disc: landmarks take its centre for the disc's. The map's other parts are protected all the same.
    return found.data.includes(1)
      ? [{ kind: 'mask', class: name === 'OD' ? 'bright' : name, mask: found }]
      : [];
  });
  if (disc !== null) regions.push({ kind: 'mask', class: 'OD', mask: circle(image, disc) });
  // Any of them may be the disc.
  for (const one of discLike) regions.push({ kind: 'mask', class: 'bright', mask: circle(image, one) });
  const least = Number(threshold('HE', 'zone', strictness).toFixed(4));
  return {
    regions,
    sources: [{ kind: 'segmentation', model: id, threshold: least }],
    margin: doubts.length > 0 ? doubtfulMargin : usualMargin,
  };
}

function circle({ width, height }: Raster, { x, y, radius }: SeenDisc): BinaryMask {
  const mask = { width, height, data: new Uint8Array(width * height) };
  addCircle(mask, { x, y, radius: radius * discShare });
  return mask;
}
