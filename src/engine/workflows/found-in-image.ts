import { z } from 'zod';
import { componentBoxes } from '../../ml/imaging/component-boxes.ts';
import type { Box } from '../../ml/imaging/plane.ts';
import { roleOf } from '../../ml/lesions/annotations/classes.ts';
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
  regions: Iterable<AnnotatedRegion>,
  landmarks: readonly Landmark[],
): FoundInImage {
  const lesions: FoundInImage['lesions'] = [];
  const circles: { disc: Box[]; fovea: Box[] } = { disc: [], fovea: [] };
  // One region at a time: a mask of 12 megapixels is dropped before the next is made.
  for (const region of regions) {
    const role = roleOf(region.class);
    if (role === 'vessel') continue;
    const boxes = boxesOf(region);
    if (role !== 'lesion') circles[role].push(...boxes);
    else lesions.push(...boxes.map((box) => ({ box, class: classOf(region.class) })));
  }
  return {
    lesions: lesions
      .sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)
      .slice(0, mostLesions),
    disc: circleOf(circles.disc) ?? landmarkOf(landmarks, 'disc'),
    fovea: circleOf(circles.fovea) ?? landmarkOf(landmarks, 'fovea'),
  };
}

function boxesOf(region: AnnotatedRegion): Box[] {
  if (region.kind === 'mask') return componentBoxes(region.mask);
  const { x, y, width, height } = region.box;
  return [{ x, y, width, height }];
}

function classOf(name: string): LesionClass {
  const network = networkClassOf(name);
  if (network !== null) return names[network];
  return 'lesion';
}

function circleOf(boxes: readonly Box[]): FoundInImage['disc'] {
  const [largest] = boxes.toSorted((a, b) => b.width * b.height - a.width * a.height);
  if (largest === undefined) return null;
  const { x, y, width, height } = largest;
  return { x: x + (width - 1) / 2, y: y + (height - 1) / 2, radius: Math.max(width, height) / 2 };
}

function landmarkOf(landmarks: readonly Landmark[], name: Landmark['name']): FoundInImage['disc'] {
  const found = landmarks.find((landmark) => landmark.name === name);
  return found === undefined ? null : { x: found.x, y: found.y, radius: found.radius };
}
