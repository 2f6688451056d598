import { createHash } from 'node:crypto';

import type { BinaryMask } from '../imaging/plane.ts';
import type { AnnotatedRegion } from './annotations/regions.ts';
import { addCircle } from './circle.ts';
import { dilate } from './dilation.ts';
import type { CamZone } from './grad-cam-zone.ts';
import type { Landmark } from './landmarks.ts';
import { LegalityMap } from './legality.ts';
import type { Silhouette } from './silhouette.ts';
import type { ForbiddenZone, ZoneSource } from './zone.ts';

/** Everything a forbidden zone is made of, at the image's native resolution. */
export interface ZoneParts {
  readonly width: number;
  readonly height: number;
  /** Pixels outside it are forbidden; null leaves the whole image open. */
  readonly fieldOfView: { readonly mask: BinaryMask } | null;
  readonly regions: readonly AnnotatedRegion[];
  /** Where `regions` come from. */
  readonly sources: readonly ZoneSource[];
  readonly cam?: CamZone | undefined;
  readonly landmarks?: readonly Landmark[] | undefined;
  /** Radius in pixels of the safety margin around regions, Grad-CAM zone and landmarks; not around the rim. */
  readonly dilation: number;
}

/**
 * Unites lesions, landmarks and Grad-CAM zone, widens them by a Euclidean disc of `dilation` pixels and adds everything
 * outside the field of view. Throws RangeError when a part has another size than the image.
 */
export function buildForbiddenZone(parts: ZoneParts): ForbiddenZone {
  const { width, height, fieldOfView, regions, cam, landmarks = [], dilation } = parts;
  const marked: BinaryMask = { width, height, data: new Uint8Array(width * height) };
  for (const region of regions) {
    if (region.kind === 'mask') addMask(marked, region.mask, `${region.class} mask`);
    else addBox(marked, region.box);
  }
  if (cam !== undefined) addMask(marked, cam.mask, 'Grad-CAM zone');
  for (const landmark of landmarks) addCircle(marked, landmark);
  const { data } = dilate(marked, dilation);
  if (fieldOfView !== null) {
    requireSize(marked, fieldOfView.mask, 'field of view');
    for (let index = 0; index < data.length; index++) if (!fieldOfView.mask.data[index]) data[index] = 1;
  }
  const mask = { width, height, data };
  return { mask, sources: sourcesOf(parts), dilation, sha256: zoneDigest(mask) };
}

/** SHA-256 over "width height\n" in ASCII followed by the mask's bytes (0/1), lower-case hex. */
export function zoneDigest(mask: BinaryMask): string {
  return createHash('sha256')
    .update(`${mask.width} ${mask.height}\n`, 'ascii')
    .update(mask.data)
    .digest('hex');
}

/** A mark as certificate and verification see it: its inked pixels and the host pixel under their box's corner. */
export interface PlacedSilhouette {
  readonly x: number;
  readonly y: number;
  readonly silhouette: Silhouette;
}

/** How a set of marks lies to a forbidden zone. */
export interface ZoneDistance {
  /** Inked pixels on forbidden pixels, over all marks; 0 by construction for marks of our own search. */
  readonly overlap: number;
  /** Pixels from the nearest inked to the nearest forbidden pixel; null when nothing is forbidden or nothing is placed. */
  readonly clearance: number | null;
}

/** Overlap and clearance of placed marks, for the certificate and for `verify`; a map already at hand saves its making. */
export function overlapAndClearance(
  zone: Pick<ForbiddenZone, 'mask'> | LegalityMap,
  placed: readonly PlacedSilhouette[],
): ZoneDistance {
  const map = zone instanceof LegalityMap ? zone : LegalityMap.fromZone(zone);
  let overlap = 0;
  let clearance = Infinity;
  for (const { silhouette, x, y } of placed) {
    overlap += map.overlap(silhouette, x, y);
    clearance = Math.min(clearance, map.clearance(silhouette, x, y));
  }
  return { overlap, clearance: Number.isFinite(clearance) ? clearance : null };
}

function sourcesOf({ sources, cam, landmarks = [], fieldOfView }: ZoneParts): ZoneSource[] {
  const all = [...sources];
  if (cam !== undefined) all.push(cam.source);
  for (const { name, confidence } of landmarks) {
    all.push({ kind: 'landmark', name, confidence: Math.round(confidence * 100) / 100 });
  }
  if (fieldOfView !== null) all.push({ kind: 'outside-field-of-view' });
  return all;
}

function addMask(target: BinaryMask, mask: BinaryMask, name: string): void {
  requireSize(target, mask, name);
  for (let index = 0; index < mask.data.length; index++) if (mask.data[index]) target.data[index] = 1;
}

function addBox(
  { width, height, data }: BinaryMask,
  box: { x: number; y: number; width: number; height: number },
): void {
  const left = Math.max(0, box.x);
  const right = Math.min(width, box.x + box.width);
  if (left >= right) return;
  for (let row = Math.max(0, box.y); row < Math.min(height, box.y + box.height); row++) {
    data.fill(1, row * width + left, row * width + right);
  }
}

function requireSize(expected: BinaryMask, mask: BinaryMask, name: string): void {
  if (mask.width === expected.width && mask.height === expected.height) return;
  throw new RangeError(
    `${name} is ${mask.width}x${mask.height}, the image ${expected.width}x${expected.height}`,
  );
}
