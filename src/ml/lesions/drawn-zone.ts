import { createHash } from 'node:crypto';
import type { Box } from '../imaging/plane.ts';
import { buildForbiddenZone, zoneDigest } from './forbidden-zone.ts';
import type { ForbiddenZone } from './zone.ts';

/** A box a person has drawn around what no mark may touch, in pixels of the stored image. */
export interface DrawnBox {
  readonly box: Box;
  readonly class: string;
}

/**
 * The zone with drawn boxes added, grown by the zone's own dilation like every other lesion. Without boxes the very same
 * zone comes back. A zone that names drawn boxes already must not be given: the boxes of before would stay in it.
 */
export function withDrawnBoxes(zone: ForbiddenZone, drawn: readonly DrawnBox[]): ForbiddenZone {
  if (drawn.length === 0) return zone;
  const { width, height } = zone.mask;
  const boxes = buildForbiddenZone({
    width,
    height,
    fieldOfView: null,
    regions: drawn.map((one) => ({ kind: 'box', ...one })),
    sources: [],
    dilation: Math.round(zone.dilation),
  });
  const data = zone.mask.data.map((value, p) => value | boxes.mask.data[p]);
  const mask = { width, height, data };
  const source = {
    kind: 'annotation',
    format: 'drawn',
    classes: [...new Set(drawn.map((one) => one.class))].sort(),
    sha256: createHash('sha256').update(JSON.stringify(drawn)).digest('hex'),
  } as const;
  return { mask, sources: [...zone.sources, source], dilation: zone.dilation, sha256: zoneDigest(mask) };
}
