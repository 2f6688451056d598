import type { FieldOfView } from '../../imaging/field-of-view.ts';
import type { BinaryMask } from '../../imaging/plane.ts';
import type { Raster } from '../../imaging/raster.ts';
import { discsInMap, type SeenDisc } from './disc-in-map.ts';
import type { NetworkClass } from './lesion-classes.ts';
import { maskAbove, type LesionMaps } from './lesion-maps.ts';
import type { LesionFinder } from './open-lesion-network.ts';

/** `mark`: as a person would outline lesions. `zone`: generously, for keeping marks away. */
export type ReadingLevel = 'mark' | 'zone';

/** What the lesion network says about one photograph. */
export interface RetinaReading {
  readonly disc: SeenDisc | null;
  /** Other places that look like a disc: in a very diseased eye the largest may be a lesion. */
  readonly discLike: readonly SeenDisc[];
  /** Why this reading cannot be relied on, one line each; empty for a sure one. */
  readonly doubts: readonly string[];
  /** Probability from which a pixel counts: the card's times `strictness` (1 unless given). */
  threshold(name: NetworkClass, level: ReadingLevel, strictness?: number): number;
  /** Pixels of a class at native resolution. */
  mask(name: NetworkClass, level: ReadingLevel, strictness?: number): BinaryMask;
}

/** Below this contrast, or above these shares, an ungradable photograph is likelier than a clean one (docs/methods/lesion-network.md). */
const leastDetail = 0.033;
const mostDark = 0.2;
const mostGlare = 0.2;

/** Has the network look at a photograph, and judges whether its answer can be relied on. */
export async function readRetina(
  finder: LesionFinder,
  image: Raster,
  field: FieldOfView,
): Promise<RetinaReading> {
  const maps = await finder.find(image, field);
  const { width, height } = image;
  const [disc = null, ...discLike] = discsInMap(maps);
  const doubts = doubtsAbout(maps, disc);
  const { thresholds } = finder.card;
  const threshold = (name: NetworkClass, level: ReadingLevel, strictness = 1): number =>
    Math.min(1, Math.max(0.001, thresholds[level][name] * strictness));
  return {
    disc,
    discLike,
    doubts,
    threshold,
    mask: (name, level, strictness) =>
      maskAbove(maps, name, threshold(name, level, strictness), { width, height }),
  };
}

function doubtsAbout({ exposure: { detail, dark, glare } }: LesionMaps, disc: SeenDisc | null): string[] {
  const doubts: string[] = [];
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  if (detail < leastDetail) doubts.push('hardly any detail can be seen');
  if (dark > mostDark) doubts.push(`${percent(dark)} of the retina is too dark`);
  if (glare > mostGlare) doubts.push(`${percent(glare)} of the retina is overexposed`);
  if (disc === null) doubts.push('the lesion network finds no optic disc');
  return doubts;
}
