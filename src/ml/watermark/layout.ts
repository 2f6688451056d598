import type { LegalityMap } from '../lesions/legality.ts';
import { createRandom, deriveSeed } from '../random.ts';
import { controlMarks, controlPhase } from './control-marks.ts';
import type { Logo } from './logo.ts';
import { scaleLogo } from './mark-shape.ts';
import { drawPhase, type MeshPhase, meshShape } from './mesh.ts';
import { type PlacedMark, plainStamp } from './native-render.ts';
import { gridStride, markMargin, placeMarks } from './place-marks.ts';
import type { ProtectRequest } from './protected-image.ts';
import { findRoom, type Room } from './room.ts';
import type { Scene } from './scene.ts';
import { placementSearches } from './search/methods.ts';
import type { Score } from './search/problem.ts';
import { compareScores } from './search/trial-run.ts';
import { opacityForPsnr } from './visibility.ts';
import { blendWork, toWorkStamp } from './work-image.ts';

/** Where the marks of an image stand, and the same marks at random legal places as the control. */
export interface Layout {
  readonly marks: readonly PlacedMark[];
  readonly control: readonly PlacedMark[];
  /** Size that was used, as a fraction of the field's diameter. */
  readonly size: number;
}

export interface LayoutTask {
  readonly request: ProtectRequest;
  readonly scene: Scene;
  /** Work pixels a native pixel. */
  readonly scale: number;
  readonly logo: Logo;
  readonly legality: LegalityMap;
  /** Queries the layout may spend. */
  readonly budget: number;
}

/** A mesh over less than this share of the field is reported as no room. */
const SMALLEST_MESH = 0.002;
/** Phases of the tiling a mesh search tries at most. */
const MESH_PHASES = 24;

/** Separate marks: the largest size that fits, then the search. Undefined when nothing fits. */
export async function layOutMarks(task: LayoutTask): Promise<Layout | undefined> {
  const { request, scene, scale, logo, legality } = task;
  const { mark, search, seed } = request.settings;
  const { fieldOfView } = request;
  const diameter = 2 * fieldOfView.radius;
  const margin = markMargin(fieldOfView);
  const stride = gridStride(fieldOfView);
  const room = findRoom(
    legality,
    (size) => scaleLogo(logo, Math.max(4, Math.round(size * diameter)), mark.rotation),
    { size: mark.size, minimumSize: mark.minimumSize, count: mark.count, margin },
    () => stride,
    createRandom(deriveSeed(seed, 'room')),
  );
  if (room === undefined) return undefined;
  const opacity = opacityBounds(request, room);
  const marks = await placeMarks({
    scene,
    scale,
    surrogates: request.surrogates,
    legality,
    fieldOfView,
    shape: room.shape,
    count: room.count,
    margin,
    opacity,
    search: placementSearches[search.method],
    stopAtFirstFlip: false,
    budget: task.budget,
    random: createRandom(deriveSeed(seed, 'search')),
    signal: request.signal,
  });
  return { marks, control: controlMarks(marks, legality, fieldOfView, seed), size: room.size };
}

function opacityBounds(
  { original, fieldOfView, zone, settings: { mark } }: ProtectRequest,
  { shape, count }: Room,
): { minimum: number; maximum: number } {
  const cap = Math.round(mark.opacity * 255);
  const maximum =
    mark.minimumPsnr === null
      ? cap
      : opacityForPsnr(original, fieldOfView, zone, shape, count, cap, mark.texture, mark.minimumPsnr);
  return { minimum: Math.min(maximum, Math.round(mark.minimumOpacity * 255)), maximum };
}

/** A mesh: the phase of the tiling is drawn a few times and the best one kept. */
export async function layOutMesh(task: LayoutTask): Promise<Layout | undefined> {
  const { request, scene, scale, logo } = task;
  const { mark, seed } = request.settings;
  const random = createRandom(deriveSeed(seed, 'search'));
  const opacity = Math.round(mark.opacity * 255);
  const shapeAt = (phase: MeshPhase, at: number): ReturnType<typeof meshShape> =>
    meshShape(
      logo,
      request.fieldOfView,
      request.zone,
      { size: mark.size, rotation: mark.rotation, phase },
      at,
    );
  const nativeMark = (phase: MeshPhase): PlacedMark => ({ ...shapeAt(phase, 1), opacity });

  const phases = Array.from({ length: phaseCount(task) }, () => drawPhase(random));
  const scores: Score[] = [];
  for (const phase of phases) {
    request.signal?.throwIfAborted();
    const { shape, x, y } = shapeAt(phase, scale);
    const { stamp } = plainStamp({ shape, x, y, opacity });
    scores.push(
      ...(await scene.score([blendWork(scene.host, [{ x, y, stamp: toWorkStamp(stamp, 1) }])], [0])),
    );
  }
  const best = phases
    .map((phase, i) => ({ phase, score: scores[i] }))
    .sort((a, b) => compareScores(a.score, b.score))[0];
  const chosen = nativeMark(best.phase);
  if (chosen.shape.silhouette.area < SMALLEST_MESH * request.fieldOfView.area) return undefined;
  const control = nativeMark(controlPhase(seed));
  return { marks: [chosen], control: [control], size: mark.size };
}

function phaseCount({ budget, scene }: LayoutTask): number {
  return Math.max(1, Math.min(MESH_PHASES, Math.floor(budget / scene.surrogateCount)));
}
