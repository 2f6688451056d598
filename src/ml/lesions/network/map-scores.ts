import {
  addCounts,
  averagePrecision,
  scoreCounts,
  type ScoreCounts,
} from '../../evaluation/precision-recall.ts';
import type { FieldOfView } from '../../imaging/field-of-view.ts';
import type { BinaryMask } from '../../imaging/plane.ts';
import { probabilitySteps, type LesionMaps } from './lesion-maps.ts';
import { networkClasses, type NetworkClass } from './lesion-classes.ts';

/** Pixels of the field by class, probability (thousandths) and truth. */
export type ClassScores = Readonly<Record<NetworkClass, ScoreCounts>>;

/** Counts every pixel of the field at the photograph's own resolution; the probability is that of the map's nearest cell. */
export function mapScores(
  { width, height, box, values }: LesionMaps,
  masks: Readonly<Partial<Record<NetworkClass, BinaryMask>>>,
  { mask: field }: FieldOfView,
  ignore?: BinaryMask,
): ClassScores {
  const scores = emptyScores();
  for (let y = 0; y < field.height; y++) {
    const row = cellOf(y, box.y, box.height, height) * width;
    for (let x = 0; x < field.width; x++) {
      const p = y * field.width + x;
      if (field.data[p] === 0 || ignore?.data[p] === 1) continue;
      const cell = row + cellOf(x, box.x, box.width, width);
      for (const name of networkClasses) {
        const kind = masks[name]?.data[p] === 1 ? 'positives' : 'negatives';
        scores[name][kind][values[name][cell]] += 1;
      }
    }
  }
  return scores;
}

export function emptyScores(): ClassScores {
  return Object.fromEntries(
    networkClasses.map((name) => [name, scoreCounts(probabilitySteps + 1)]),
  ) as Record<NetworkClass, ScoreCounts>;
}

/** The scores of several photographs in one. */
export function pooledScores(all: readonly ClassScores[]): ClassScores {
  const pool = emptyScores();
  for (const scores of all) for (const name of networkClasses) addCounts(pool[name], scores[name]);
  return pool;
}

/** Area under the precision-recall curve of each class over the photographs' pixels together; null for a class without any. */
export function averagePrecisions(scores: ClassScores): Record<NetworkClass, number | null> {
  return Object.fromEntries(networkClasses.map((name) => [name, averagePrecision(scores[name])])) as Record<
    NetworkClass,
    number | null
  >;
}

/** The threshold (0.001 .. 1) with the best F1 score (Dice) for a class; null without positives. */
export function bestThreshold({ positives, negatives }: ScoreCounts): number | null {
  const total = positives.reduce((sum, value) => sum + value, 0);
  if (total === 0) return null;
  let best = { f1: -1, score: probabilitySteps };
  let hits = 0;
  let answers = 0;
  for (let score = probabilitySteps; score >= 1; score--) {
    hits += positives[score];
    answers += positives[score] + negatives[score];
    const f1 = (2 * hits) / (answers + total);
    if (f1 > best.f1) best = { f1, score };
  }
  return best.score / probabilitySteps;
}

function cellOf(pixel: number, start: number, length: number, cells: number): number {
  return Math.min(cells - 1, Math.max(0, Math.floor(((pixel + 0.5 - start) / length) * cells)));
}
