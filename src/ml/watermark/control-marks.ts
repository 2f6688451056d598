import type { FieldOfView } from '../imaging/field-of-view.ts';
import type { Raster } from '../imaging/raster.ts';
import { LegalityMap } from '../lesions/legality.ts';
import type { ForbiddenZone } from '../lesions/zone.ts';
import { createRandom, deriveSeed } from '../random.ts';
import type { MarkSettings } from '../../shared/settings.ts';
import { blend } from './blend.ts';
import type { Logo } from './logo.ts';
import { scaleLogo } from './mark-shape.ts';
import { drawPhase, type MeshPhase, meshShape } from './mesh.ts';
import { type PlacedMark, plainStamp } from './native-render.ts';
import { gridStride, markMargin } from './place-marks.ts';
import { placeAtRandom } from './room.ts';
import { textLogo } from './text-mark.ts';

/** The same marks at random legal places; where the draw finds room for fewer, the control holds fewer. */
export function controlMarks(
  marks: readonly PlacedMark[],
  legality: LegalityMap,
  fieldOfView: FieldOfView,
  seed: number,
): PlacedMark[] {
  const [first] = marks;
  const step = Math.max(1, Math.round(gridStride(fieldOfView) / 2));
  const positions = legality.legalPositions(first.shape.silhouette, step);
  const random = createRandom(deriveSeed(seed, 'control'));
  const margin = markMargin(fieldOfView);
  let places: { x: number; y: number }[] = [];
  for (let attempt = 0; attempt < 8 && places.length < marks.length; attempt++) {
    const draw = placeAtRandom(legality, first.shape, positions, marks.length, margin, random);
    if (draw.length > places.length) places = draw;
  }
  return places.map(({ x, y }, i) => ({ ...marks[i], x, y }));
}

/** Where the control of a mesh begins. */
export function controlPhase(seed: number): MeshPhase {
  return drawPhase(createRandom(deriveSeed(seed, 'control')));
}

export interface ControlRequest {
  readonly original: Raster;
  readonly fieldOfView: FieldOfView;
  readonly zone: Pick<ForbiddenZone, 'mask'>;
  /** Null for text marks. */
  readonly logo: Logo | null;
  readonly mark: Pick<MarkSettings, 'kind' | 'text' | 'rotation'>;
  /** The image's own seed, as its certificate states it. */
  readonly seed: number;
  /** Size that was used, as a fraction of the field's diameter. */
  readonly size: number;
  /** Of the marks that were placed, in their order, 0..255. */
  readonly opacities: readonly number[];
}

/** The control of an image that was protected earlier, made again from what its certificate says: the same samples. */
export async function controlImage(request: ControlRequest): Promise<Raster> {
  const { original, fieldOfView, zone, mark, seed, size, opacities } = request;
  const logo = mark.kind === 'logo' ? request.logo : await textLogo(mark.text);
  if (logo === null) throw new RangeError('the control of logo marks needs their logo');
  if (mark.kind === 'tiled-text') {
    const phase = controlPhase(seed);
    const placed = meshShape(logo, fieldOfView, zone, { size, rotation: mark.rotation, phase }, 1);
    return blend(original, [plainStamp({ ...placed, opacity: opacities[0] })]);
  }
  const side = Math.max(4, Math.round(size * 2 * fieldOfView.radius));
  const shape = scaleLogo(logo, side, mark.rotation);
  const marks = opacities.map((opacity) => ({ shape, x: 0, y: 0, opacity }));
  const placed = controlMarks(marks, LegalityMap.fromZone(zone), fieldOfView, seed);
  return blend(original, placed.map(plainStamp));
}
