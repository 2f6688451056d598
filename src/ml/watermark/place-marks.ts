import type { FieldOfView } from '../imaging/field-of-view.ts';
import type { FloatImage } from '../imaging/plane.ts';
import { planResample, resample } from '../imaging/resample.ts';
import type { LegalityMap } from '../lesions/legality.ts';
import type { Classifier } from '../models/classifier.ts';
import type { Random } from '../random.ts';
import { type PlacedMark, plainStamp } from './native-render.ts';
import { type MarkShape, renderStamp } from './mark-shape.ts';
import { queriesSpent } from './query-count.ts';
import { salientPoint } from './salience.ts';
import type { Scene } from './scene.ts';
import { legalNeighbours } from './search/ordering.ts';
import type { Candidate, PlacementProblem, PlacementSearch, Score } from './search/problem.ts';
import { compareScores } from './search/trial-run.ts';
import { blendWork, type PlacedWorkStamp, toWorkStamp, type WorkStamp } from './work-image.ts';

/** What `placeMarks` works on. */
export interface PlacementTask {
  readonly scene: Scene;
  /** Work pixels a native pixel. */
  readonly scale: number;
  readonly surrogates: readonly Classifier[];
  readonly legality: LegalityMap;
  readonly fieldOfView: FieldOfView;
  readonly shape: MarkShape;
  readonly count: number;
  /** Pixels kept free between two marks. */
  readonly margin: number;
  readonly opacity: { readonly minimum: number; readonly maximum: number };
  readonly search: PlacementSearch;
  readonly stopAtFirstFlip: boolean;
  /** Queries placement may spend. */
  readonly budget: number;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/** Share of the placement's queries kept for moving the marks once all of them stand. */
const REFINEMENT_SHARE = 0.2;

/**
 * Places marks one after the other, each with the search on the image that already holds the ones before, then moves
 * them one at a time while that lowers the objective. Candidates are scored through the first pipeline. Ends early when
 * no legal room is left; every place it returns is legal.
 */
export async function placeMarks(task: PlacementTask): Promise<PlacedMark[]> {
  const salient = once(() => salientPlace(task));
  const marks: PlacedMark[] = [];
  const allowance = task.count > 1 ? task.budget * (1 - REFINEMENT_SHARE) : task.budget;
  for (let index = 0; index < task.count; index++) {
    task.signal?.throwIfAborted();
    const left = allowance - queriesSpent(task.scene.count);
    const trials = Math.max(1, Math.floor(left / (task.count - index) / task.scene.surrogateCount));
    const best = await placeOne(task, marks, salient, trials);
    if (best === undefined) break;
    marks.push({ shape: task.shape, ...best });
  }
  return task.count > 1 ? refine(task, marks) : marks;
}

/** Pitch of the legal grid, 1/28 of the field's diameter: 8 pixels of the 224 the effect was measured at. */
export function gridStride(fieldOfView: FieldOfView): number {
  return Math.max(1, Math.round((2 * fieldOfView.radius) / 28));
}

/** Pixels that separate marks keep from each other. */
export function markMargin(fieldOfView: FieldOfView): number {
  return Math.max(1, Math.round(2 * fieldOfView.radius * 0.01));
}

async function placeOne(
  task: PlacementTask,
  others: readonly PlacedMark[],
  salient: () => Promise<{ x: number; y: number }>,
  trials: number,
): Promise<Candidate | undefined> {
  const { shape } = task;
  const map = legalityWith(task, others);
  const stride = gridStride(task.fieldOfView);
  const positions = map.legalPositions(shape.silhouette, stride);
  if (positions.length === 0) return undefined;
  const problem: PlacementProblem = {
    positions,
    stride,
    isLegal: (x, y) => map.isLegal(shape.silhouette, x, y),
    salient: async () => {
      const { x, y } = await salient();
      return { x: x - shape.width / 2, y: y - shape.height / 2 };
    },
    opacity: task.opacity,
    trials,
    stopAtFirstFlip: task.stopAtFirstFlip,
    score: await scorer(task, others),
    random: task.random,
  };
  return (await task.search(problem)).candidate;
}

async function refine(task: PlacementTask, placed: readonly PlacedMark[]): Promise<PlacedMark[]> {
  const marks = [...placed];
  const distance = Math.max(1, Math.round(gridStride(task.fieldOfView) / 2));
  for (let index = 0; index < marks.length; index++) {
    task.signal?.throwIfAborted();
    const others = marks.filter((_, i) => i !== index);
    const map = legalityWith(task, others);
    const isLegal = (x: number, y: number): boolean => map.isLegal(task.shape.silhouette, x, y);
    const candidates = [marks[index], ...legalNeighbours(isLegal, marks[index], distance)];
    const affordable = Math.floor((task.budget - queriesSpent(task.scene.count)) / task.scene.surrogateCount);
    if (affordable < 2) break;
    const tried = candidates.slice(0, affordable);
    const scores = await (await scorer(task, others))(tried);
    const best = tried
      .map((candidate, i) => ({ candidate, score: scores[i] }))
      .sort((a, b) => compareScores(a.score, b.score))[0];
    marks[index] = { ...marks[index], x: best.candidate.x, y: best.candidate.y };
  }
  return marks;
}

/** Scores candidates for one more mark beside others, through the first pipeline. */
async function scorer(
  { scene, scale, shape }: PlacementTask,
  others: readonly PlacedMark[],
): Promise<(candidates: readonly Candidate[]) => Promise<readonly Score[]>> {
  const image = blendWork(
    scene.host,
    others.map((mark) => toPlacedWorkStamp(mark, scale)),
  );
  const stamps = new Map<number, WorkStamp>();
  const placedAt = ({ x, y, opacity }: Candidate): PlacedWorkStamp => {
    const stamp = stamps.get(opacity) ?? toWorkStamp(renderStamp(shape, opacity), scale);
    stamps.set(opacity, stamp);
    return { x: Math.round(x * scale), y: Math.round(y * scale), stamp };
  };
  const views = Array.from({ length: scene.surrogateCount }, (_, k) => scene.view(0, k));
  if (!views.every((view) => view.linear)) {
    return (candidates) =>
      scene.score(
        candidates.map((candidate) => blendWork(image, [placedAt(candidate)])),
        [0],
      );
  }
  const bases: FloatImage[] = await Promise.all(views.map((view) => view.render(image)));
  return (candidates) =>
    scene.scoreInputs(
      views.map((view, k) =>
        candidates.map((candidate) => view.renderChange(bases[k], image, placedAt(candidate))),
      ),
    );
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function toPlacedWorkStamp(mark: PlacedMark, scale: number): PlacedWorkStamp {
  const { x, y, stamp } = plainStamp(mark);
  return { x: Math.round(x * scale), y: Math.round(y * scale), stamp: toWorkStamp(stamp, scale) };
}

function legalityWith(task: PlacementTask, marks: readonly PlacedMark[]): LegalityMap {
  return marks.reduce((map, { shape, x, y }) => map.with(shape.silhouette, x, y, task.margin), task.legality);
}

/** Native pixel the first surrogate that can be explained looks at; the centre of the field where none can. */
async function salientPlace({
  scene,
  scale,
  surrogates,
  fieldOfView,
}: PlacementTask): Promise<{ x: number; y: number }> {
  for (const [k, surrogate] of surrogates.entries()) {
    const { inputWidth, inputHeight } = surrogate.spec;
    const { width, height } = scene.host;
    const input = resample(planResample(width, height, inputWidth, inputHeight, 'bilinear'), scene.host);
    const point = await salientPoint(surrogate, input, scene.reference(k));
    if (point === null) continue;
    scene.count.gradients++;
    return { x: (point.x * width) / scale, y: (point.y * height) / scale };
  }
  return { x: fieldOfView.centreX, y: fieldOfView.centreY };
}
