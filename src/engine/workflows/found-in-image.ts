import { z } from 'zod';
import { componentBoxes } from '../../ml/imaging/component-boxes.ts';
import { roleOf, type RegionRole } from '../../ml/lesions/annotations/classes.ts';
import type { AnnotatedRegion } from '../../ml/lesions/annotations/regions.ts';
import type { Landmark } from '../../ml/lesions/landmarks.ts';
import { networkClassOf, type NetworkClass } from '../../ml/lesions/network/lesion-classes.ts';
import { lesionClasses } from '../../shared/contract/review.ts';

type LesionClass = (typeof lesionClasses)[number];

const whole = z.int().min(0);
const circleSchema = z.strictObject({ x: z.number(), y: z.number(), radius: z.number() });

/** What a zone was made around, for the review to show; pixels of the stored image. */
export const foundInImageSchema = z.strictObject({
  lesions: z.array(
    z.strictObject({
      box: z.strictObject({ x: whole, y: whole, width: z.int().min(1), height: z.int().min(1) }),
      class: z.enum(lesionClasses),
    }),
  ),
  disc: circleSchema.nullable(),
  fovea: circleSchema.nullable(),
});

export type FoundInImage = z.infer<typeof foundInImageSchema>;

/** More boxes than a person can look at; the largest are kept. */
const mostLesions = 1000;

const names: Readonly<Record<NetworkClass, LesionClass>> = {
  MA: 'microaneurysm',
  HE: 'haemorrhage',
  EX: 'hard-exudate',
  SE: 'soft-exudate',
  OD: 'other',
};

/** Boxes lesions, a mask by its connected parts, and names disc and fovea: annotated ones, else the likeliest found. */
export function foundInImage(
  regions: readonly AnnotatedRegion[],
  landmarks: readonly Landmark[],
): FoundInImage {
  const lesions = regions
    .filter((region) => roleOf(region.class) === 'lesion')
    .flatMap((region) => boxesOf(region).map((box) => ({ box, class: classOf(region.class) })))
    .sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)
    .slice(0, mostLesions);
  const circle = (role: Extract<RegionRole, 'disc' | 'fovea'>) =>
    circleOf(regions.filter((region) => roleOf(region.class) === role)) ?? landmarkOf(landmarks, role);
  return { lesions, disc: circle('disc'), fovea: circle('fovea') };
}

function boxesOf(region: AnnotatedRegion): FoundInImage['lesions'][number]['box'][] {
  if (region.kind === 'mask') return componentBoxes(region.mask);
  const { x, y, width, height } = region.box;
  return [{ x, y, width, height }];
}

function classOf(name: string): LesionClass {
  const network = networkClassOf(name);
  if (network !== null) return names[network];
  return name === 'bright' ? 'other' : 'lesion';
}

function circleOf(regions: readonly AnnotatedRegion[]): FoundInImage['disc'] {
  const [largest] = regions.flatMap(boxesOf).sort((a, b) => b.width * b.height - a.width * a.height);
  if (largest === undefined) return null;
  const { x, y, width, height } = largest;
  return { x: x + (width - 1) / 2, y: y + (height - 1) / 2, radius: Math.max(width, height) / 2 };
}

function landmarkOf(landmarks: readonly Landmark[], name: Landmark['name']): FoundInImage['disc'] {
  const found = landmarks.find((landmark) => landmark.name === name);
  return found === undefined ? null : { x: found.x, y: found.y, radius: found.radius };
}
