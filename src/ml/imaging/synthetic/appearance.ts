import type { Random } from '../../random.ts';
import type { Blob } from './canvas.ts';
import type { LesionPlan } from './lesions.ts';
import type { Vessel } from './vessels.ts';

/** How plainly an eye shows what it has. Without one, everything is as unmistakable as in the demos. */
export interface Appearance {
  /** Share of a grade's lesions that show, 0..1; one of every class it has always does. */
  readonly lesionAmount: number;
  /** Factors on the lesions' radius and coverage. */
  readonly lesionSize: number;
  readonly lesionStrength: number;
  /** Factor on the vessels' blood, and the share of the side branches that show, 0..1. */
  readonly vesselStrength: number;
  readonly twigs: number;
}

/** The plan with fewer, smaller and fainter lesions. */
export function fadeLesions(plan: LesionPlan, appearance: Appearance, random: Random): LesionPlan {
  const { lesionAmount, lesionSize, lesionStrength } = appearance;
  const fade = (blobs: readonly Blob[]): Blob[] =>
    blobs
      .filter((_, index) => random.next() < lesionAmount || index === 0)
      .map((blob) => ({
        ...blob,
        along: blob.along * lesionSize,
        across: blob.across * lesionSize,
        strength: blob.strength * lesionStrength,
      }));
  const { MA, HE, EX, SE } = plan.blobs;
  return { ...plan, blobs: { MA: fade(MA), HE: fade(HE), EX: fade(EX), SE: fade(SE) } };
}

/** Vessels thicker than this (half-width in field radii) are trunks and always show. */
const TRUNK = 0.0062;

export function thinOut(
  vessels: readonly Vessel[],
  { twigs }: Appearance,
  random: Random,
): readonly Vessel[] {
  return vessels.filter(({ points }) => random.next() < twigs || points[0].halfWidth > TRUNK);
}
