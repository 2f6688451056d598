import { Failure } from '../../shared/failure.ts';
import { fillHoles, largestComponent } from './components.ts';
import { discOverlap, fitDisc, outline } from './disc-fit.ts';
import type { Disc } from './disc-fit.ts';
import type { BinaryMask, Box } from './plane.ts';
import type { Raster } from './raster.ts';
import { reduceContrast } from './reduced-plane.ts';
import type { ReducedPlane } from './reduced-plane.ts';

/** The part of a photograph that shows the eye: the camera's illuminated disc, cut where the frame or a mask cuts it. */
export interface FieldOfView {
  /** 1 inside the field, at native resolution. */
  readonly mask: BinaryMask;
  /** Smallest box around the mask. */
  readonly bounds: Box;
  /** Centre and radius of the disc in native pixels; the centre may lie near or (rarely) outside the frame. */
  readonly centreX: number;
  readonly centreY: number;
  readonly radius: number;
  /** Pixels inside the mask. */
  readonly area: number;
}

/** Distances to the background that may separate it from the retina; the one that gives the roundest field wins. */
const thresholds = [0.02, 0.035, 0.055, 0.085, 0.13, 0.19, 0.27] as const;

const smallestSide = 32;
const smallestAreaFraction = 0.06;
/** Standard deviation of the brightness inside the field below which there is nothing to see (a flat disc, a page). */
const smallestTexture = 0.008;

interface Candidate {
  readonly score: number;
  readonly disc: Disc | undefined;
  readonly component: BinaryMask;
  readonly box: Box;
}

/**
 * Finds the illuminated disc: threshold of the distance to the background colour on a plane reduced to at most 400 px,
 * largest component, a circle fitted to its outline (robust against notches, dark rims and straight cuts); the field is
 * the circle inside the component's bounding box. A photograph without background is field throughout; a field that is
 * no circle is taken as its filled component.
 * @throws Failure `image-no-retina` for black, white, uniform and tiny pictures and for shapes that are no field of view.
 */
export function findFieldOfView(raster: Raster): FieldOfView {
  if (Math.min(raster.width, raster.height) < smallestSide) {
    throw noRetina(`the picture has only ${raster.width} x ${raster.height} pixels`);
  }
  const plane = reduceContrast(raster);
  if (plane.background === undefined) {
    if (plane.texture(undefined) < smallestTexture) throw noRetina('the picture is uniform');
    return wholeFrame(raster);
  }
  const best = thresholds.map((t) => judge(plane, t)).reduce((a, b) => (b.score > a.score ? b : a));
  const area = count(best.component);
  if (area < smallestAreaFraction * plane.width * plane.height) {
    throw noRetina('no bright area large enough for a retina stands out from the background');
  }
  if (plane.texture(best.component) < smallestTexture) throw noRetina('the bright area is uniform');
  if (best.disc !== undefined) return discField(raster, plane, best.disc, best.box);
  const boxFill = area / (best.box.width * best.box.height);
  if (boxFill < 0.6) throw noRetina('the bright area has no shape of a field of view');
  return componentField(raster, plane, best);
}

function judge(plane: ReducedPlane, threshold: number): Candidate {
  const { width, height, contrast } = plane;
  const above = new Uint8Array(contrast.length);
  for (let i = 0; i < above.length; i++) above[i] = contrast[i] > threshold ? 1 : 0;
  const component = fillHoles(largestComponent({ width, height, data: above }));
  const box = boundsOf(component);
  if (box === undefined)
    return { score: 0, disc: undefined, component, box: { x: 0, y: 0, width: 1, height: 1 } };
  const fit = fitDisc(outline(component), Math.max(width, height));
  if (fit === undefined) return { score: 0.01, disc: undefined, component, box };
  const overlap = discOverlap(fit.disc, component, box);
  const good = overlap > 0.72 && fit.support > 0.35;
  return { score: overlap * (0.5 + 0.5 * fit.support), disc: good ? fit.disc : undefined, component, box };
}

function discField(raster: Raster, plane: ReducedPlane, disc: Disc, box: Box): FieldOfView {
  const f = plane.factor;
  // Pixel centres: reduced pixel i covers native i*f .. i*f+f-1.
  const centreX = (disc.x + 0.5) * f - 0.5;
  const centreY = (disc.y + 0.5) * f - 0.5;
  const radius = disc.radius * f;
  const left = box.x * f;
  const top = box.y * f;
  const right = box.x + box.width === plane.width ? raster.width : (box.x + box.width) * f;
  const bottom = box.y + box.height === plane.height ? raster.height : (box.y + box.height) * f;
  const data = new Uint8Array(raster.width * raster.height);
  for (let y = top; y < bottom; y++) {
    const half = radius * radius - (y - centreY) ** 2;
    if (half < 0) continue;
    const reach = Math.sqrt(half);
    const from = Math.max(left, Math.ceil(centreX - reach));
    const to = Math.min(right - 1, Math.floor(centreX + reach));
    if (to >= from) data.fill(1, y * raster.width + from, y * raster.width + to + 1);
  }
  return finish({ width: raster.width, height: raster.height, data }, centreX, centreY, radius);
}

function componentField(raster: Raster, plane: ReducedPlane, { component, box }: Candidate): FieldOfView {
  const f = plane.factor;
  const data = new Uint8Array(raster.width * raster.height);
  for (let y = 0; y < raster.height; y++) {
    const row = Math.min(plane.height - 1, Math.floor(y / f)) * plane.width;
    for (let x = 0; x < raster.width; x++) {
      data[y * raster.width + x] = component.data[row + Math.min(plane.width - 1, Math.floor(x / f))];
    }
  }
  const mask = { width: raster.width, height: raster.height, data };
  return finish(
    mask,
    (box.x + box.width / 2) * f,
    (box.y + box.height / 2) * f,
    (Math.max(box.width, box.height) / 2) * f,
  );
}

function wholeFrame(raster: Raster): FieldOfView {
  const { width, height } = raster;
  const mask = { width, height, data: new Uint8Array(width * height).fill(1) };
  return finish(mask, (width - 1) / 2, (height - 1) / 2, Math.hypot(width, height) / 2);
}

function finish(mask: BinaryMask, centreX: number, centreY: number, radius: number): FieldOfView {
  const bounds = boundsOf(mask);
  if (bounds === undefined) throw noRetina('no field of view was found');
  return { mask, bounds, centreX, centreY, radius, area: count(mask) };
}

function boundsOf(mask: BinaryMask): Box | undefined {
  const { width, height, data } = mask;
  let left = width;
  let right = -1;
  let top = height;
  let bottom = -1;
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    const first = row.indexOf(1);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(right, row.lastIndexOf(1));
    if (top > y) top = y;
    bottom = y;
  }
  return right < 0 ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

function count(mask: BinaryMask): number {
  let area = 0;
  for (let i = 0; i < mask.data.length; i++) area += mask.data[i];
  return area;
}

function noRetina(reason: string): Failure {
  return new Failure('image-no-retina', `no retina found: ${reason}`, {
    hint: 'Leave the picture out, or check that it is a fundus photograph.',
  });
}
