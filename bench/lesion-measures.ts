import { pairedBootstrap, quantileOfSorted } from '../src/ml/evaluation/statistics.ts';
import type { BinaryMask } from '../src/ml/imaging/plane.ts';
import { networkClasses, type NetworkClass } from '../src/ml/lesions/network/lesion-classes.ts';
import { averagePrecisions, pooledScores, type ClassScores } from '../src/ml/lesions/network/map-scores.ts';
import { maskParts } from '../src/ml/lesions/network/mask-parts.ts';
import type { MarkedPhotograph } from '../src/ml/lesions/network/training/lesion-sample.ts';
import { createRandom } from '../src/ml/random.ts';

/** What one image says about network and zone. */
export interface LesionMeasure {
  readonly name: string;
  readonly scores: ClassScores;
  readonly sure: boolean;
  /** Of each class: parts, parts the zone touches, pixels, pixels inside the zone. */
  readonly covered: Readonly<Record<NetworkClass, Coverage>>;
  /** Share of the field of view that is forbidden. */
  readonly forbidden: number;
}

export interface Coverage {
  readonly parts: number;
  readonly touched: number;
  readonly pixels: number;
  readonly inside: number;
}

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How a zone lies to the true masks. */
export function coverageOf(
  zone: BinaryMask,
  { masks, fieldOfView, ignore }: MarkedPhotograph,
): LesionMeasure['covered'] {
  const counts = (name: NetworkClass): Coverage => {
    const mask = masks[name];
    if (mask === undefined) return { parts: 0, touched: 0, pixels: 0, inside: 0 };
    const data = mask.data.map(
      (value, p) => value & fieldOfView.mask.data[p] & (ignore?.data[p] === 1 ? 0 : 1),
    );
    const parts = maskParts({ ...mask, data });
    const isInside = (p: number): boolean => zone.data[p] === 1;
    return {
      parts: parts.length,
      touched: parts.filter(({ pixels }) => pixels.some(isInside)).length,
      pixels: parts.reduce((sum, { area }) => sum + area, 0),
      inside: parts.reduce((sum, { pixels }) => sum + pixels.filter(isInside).length, 0),
    };
  };
  return Object.fromEntries(networkClasses.map((name) => [name, counts(name)])) as Record<
    NetworkClass,
    Coverage
  >;
}

/** Average precision over all images' pixels, and the interval of a bootstrap over images; null when no image shows the class. */
export function pooledPrecision(measures: readonly LesionMeasure[], name: NetworkClass): Estimate | null {
  const value = averagePrecisions(pooledScores(measures.map(({ scores }) => scores)))[name];
  if (value === null) return null;
  const random = createRandom(1);
  const drawn: number[] = [];
  for (let i = 0; i < 200; i++) {
    const draw = measures.map(() => measures[random.integer(measures.length)].scores);
    const again = averagePrecisions(pooledScores(draw))[name];
    if (again !== null) drawn.push(again);
  }
  drawn.sort((a, b) => a - b);
  return { value, low: quantileOfSorted(drawn, 0.025), high: quantileOfSorted(drawn, 0.975) };
}

/** A share over all images, with the interval of a bootstrap over images. */
export function pooledShare(
  measures: readonly LesionMeasure[],
  names: readonly NetworkClass[],
  of: 'parts' | 'pixels',
): Estimate & { readonly n: number } {
  const units = measures.map(({ covered }) => ({
    first: total(names, (name) => covered[name][of === 'parts' ? 'touched' : 'inside']),
    second: 0,
    trials: total(names, (name) => covered[name][of]),
  }));
  const n = units.reduce((sum, { trials }) => sum + trials, 0);
  const found = pairedBootstrap(units);
  return found === null
    ? { value: 0, low: 0, high: 1, n }
    : { value: found.difference, low: found.low, high: found.high, n };
}

function total(names: readonly NetworkClass[], count: (name: NetworkClass) => number): number {
  return names.reduce((sum, name) => sum + count(name), 0);
}
