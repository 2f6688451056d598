import { createRandom, deriveSeed } from '../random.ts';
import type { FieldOfView } from './field-of-view.ts';
import type { BinaryMask } from './plane.ts';
import type { Raster8 } from './raster.ts';
import { fadeLesions, thinOut } from './synthetic/appearance.ts';
import type { Appearance } from './synthetic/appearance.ts';
import { createCanvas, drawBlob, drawStroke } from './synthetic/canvas.ts';
import type { Canvas } from './synthetic/canvas.ts';
import { drawEye } from './synthetic/eye.ts';
import type { Eye } from './synthetic/eye.ts';
import { lesionClasses, planLesions } from './synthetic/lesions.ts';
import type { Grade, LesionClass, LesionPlan } from './synthetic/lesions.ts';
import { drawPool } from './synthetic/pool.ts';
import { paint } from './synthetic/paint.ts';
import type { Layers } from './synthetic/paint.ts';
import { photograph, syntheticField } from './synthetic/photograph.ts';
import { growVessels } from './synthetic/vessels.ts';
import type { Vessel } from './synthetic/vessels.ts';

export type { Appearance } from './synthetic/appearance.ts';
export type { Grade, LesionClass } from './synthetic/lesions.ts';

export interface SyntheticFundusRequest {
  /** International clinical diabetic retinopathy scale: 0 none, 1 mild, 2 moderate, 3 severe, 4 proliferative. */
  readonly grade: Grade;
  /** Integer >= 0. The same seed is the same eye at every size. */
  readonly seed: number;
  /** Side of the square picture, 64..2048 pixels. */
  readonly size: number;
  /** Fainter lesions and vessels than the demos show; lesions that reach a third of no pixel then leave their mask empty. */
  readonly appearance?: Appearance;
}

export interface SyntheticFundus {
  readonly raster: Raster8;
  /** Pixels at least a third covered by a lesion of the class; empty masks for classes the eye does not show. */
  readonly lesions: Readonly<Record<LesionClass, BinaryMask>>;
  /** Retinal arteries and veins, new vessels apart; by coverage like the lesions. */
  readonly vessels: BinaryMask;
  readonly disc: BinaryMask;
  readonly fovea: { readonly x: number; readonly y: number; readonly radius: number };
  readonly fieldOfView: FieldOfView;
}

/**
 * Paints a colour fundus photograph of an invented eye: no patient's picture is behind it. Deterministic in seed and size.
 * For demos, tests and the training of demo graders; it teaches nothing about real diagnostic accuracy.
 * @throws RangeError for a grade, size or seed out of range.
 */
export function synthesizeFundus({ grade, seed, size, appearance }: SyntheticFundusRequest): SyntheticFundus {
  if (![0, 1, 2, 3, 4].includes(grade)) throw new RangeError(`grade must be 0..4, got ${grade}`);
  if (!Number.isInteger(size) || size < 64 || size > 2048)
    throw new RangeError(`size must be 64..2048, got ${size}`);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`seed must be an integer >= 0, got ${seed}`);
  // One sequence for each part: a change in one leaves the others as they were.
  const eye = drawEye(createRandom(deriveSeed(seed, 'eye')));
  const beading = grade === 3 ? 0.8 : grade === 4 ? 0.4 : 0;
  const vessels = growVessels(eye, createRandom(deriveSeed(seed, 'vessels')), beading);
  const lesions = planLesions(eye, grade, vessels, createRandom(deriveSeed(seed, 'lesions', grade)));
  const fading = createRandom(deriveSeed(seed, 'appearance'));

  const radius = (size / 2) * eye.camera.fill;
  const layers =
    appearance === undefined
      ? drawLayers(size, radius, eye, vessels, lesions, 1)
      : drawLayers(
          size,
          radius,
          eye,
          thinOut(vessels, appearance, fading),
          fadeLesions(lesions, appearance, fading),
          appearance.vesselStrength,
        );
  const colours = paint(eye, layers, size, radius, createRandom(deriveSeed(seed, 'texture')));
  const fieldOfView = syntheticField(eye, size, radius);
  const raster = photograph(eye, colours, size, radius, createRandom(deriveSeed(seed, 'camera', size)));
  const maskOf = (canvas: Canvas): BinaryMask => coveredPixels(canvas, fieldOfView.mask);
  const centre = (size - 1) / 2;
  return {
    raster,
    lesions: Object.fromEntries(lesionClasses.map((name) => [name, maskOf(layers.lesions[name])])) as Record<
      LesionClass,
      BinaryMask
    >,
    vessels: union(maskOf(layers.arteries), maskOf(layers.veins)),
    disc: maskOf(layers.disc),
    fovea: {
      x: centre + eye.fovea.x * radius,
      y: centre + eye.fovea.y * radius,
      radius: eye.fovea.radius * radius,
    },
    fieldOfView,
  };
}

/** Pixels of the field that are at least a third covered. */
function coveredPixels({ size, data }: Canvas, field: BinaryMask): BinaryMask {
  const covered = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) if (data[i] >= 1 / 3) covered[i] = field.data[i];
  return { width: size, height: size, data: covered };
}

function union(a: BinaryMask, b: BinaryMask): BinaryMask {
  return { ...a, data: a.data.map((value, i) => value | b.data[i]) };
}

function drawLayers(
  size: number,
  radius: number,
  eye: Eye,
  vessels: readonly Vessel[],
  plan: LesionPlan,
  blood: number,
): Layers {
  const layer = (): Canvas => createCanvas(size, radius);
  const arteries = layer();
  const veins = layer();
  for (const { kind, points } of vessels) {
    drawStroke(kind === 'artery' ? arteries : veins, points, blood * (kind === 'artery' ? 0.78 : 1));
  }
  const lesions: Record<LesionClass, Canvas> = {
    MA: layer(),
    HE: layer(),
    EX: layer(),
    SE: layer(),
    NV: layer(),
    PH: layer(),
  };
  for (const name of ['MA', 'HE', 'EX', 'SE'] as const) {
    for (const blob of plan.blobs[name]) drawBlob(lesions[name], blob);
  }
  for (const { points } of plan.newVessels) drawStroke(lesions.NV, points, 0.8);
  for (const pool of plan.pools) drawPool(lesions.PH, pool);
  const disc = layer();
  const { x, y, radius: across, aspect } = eye.disc;
  drawBlob(disc, {
    x,
    y,
    along: across,
    across: across * aspect,
    angle: Math.PI / 2,
    raggedness: 0.06,
    phases: [1, 2, 3, 4],
    softness: 0.16,
    strength: 1,
  });
  return { arteries, veins, disc, lesions };
}
