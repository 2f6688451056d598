import { createRandom, deriveSeed } from '../../../ml/random.ts';
import { Failure } from '../../../shared/failure.ts';
import type { LabelledFile } from './training-labels.ts';

export interface PatientSplit {
  readonly training: readonly LabelledFile[];
  readonly validation: readonly LabelledFile[];
  /** How it came about, for the model card. */
  readonly how: string;
  /** Null where no image names its patient. */
  readonly patients: number | null;
}

/**
 * Divides images so that no patient stands on both sides: by the label file's split where it has one, else `share` of
 * the patients of every highest grade, drawn by `seed`. An image without a patient counts as a patient of its own.
 * @throws Failure settings-invalid for patients on both sides, a half-given split, or a side without two grades
 */
export function splitByPatient(images: readonly LabelledFile[], share: number, seed: number): PatientSplit {
  const given = images.filter(({ split }) => split !== null).length;
  if (given > 0 && given < images.length) {
    const without = images.find(({ split }) => split === null);
    throw refused(`${images.length - given} images have no split (${without?.file.path ?? ''})`);
  }
  const groups = byPatient(images);
  const sides = given > 0 ? givenSides(groups) : drawnSides(groups, share, seed);
  const training = images.filter((image) => sides.get(keyOf(image)) === 'training');
  const validation = images.filter((image) => sides.get(keyOf(image)) === 'validation');
  for (const [name, side] of Object.entries({ training, validation })) {
    const grades = new Set(side.map(({ grade }) => grade));
    if (grades.size < 2) {
      throw refused(
        `the ${name} side has ${side.length} images of ${grades.size} grades; at least two grades are needed`,
      );
    }
  }
  const named = images.some(({ patient }) => patient !== null);
  const unit = named
    ? 'patients'
    : 'images (no patients are named: two images of one eye may stand on both sides)';
  return {
    training,
    validation,
    patients: named ? groups.size : null,
    how:
      given > 0
        ? `by the label file, ${unit}`
        : `${Math.round(share * 100)} % of the ${unit} of every highest grade, seed ${seed}`,
  };
}

type Side = 'training' | 'validation';

function byPatient(images: readonly LabelledFile[]): Map<string, LabelledFile[]> {
  const groups = new Map<string, LabelledFile[]>();
  for (const image of images) {
    const group = groups.get(keyOf(image)) ?? [];
    group.push(image);
    groups.set(keyOf(image), group);
  }
  return groups;
}

function keyOf({ patient, file }: LabelledFile): string {
  return patient === null ? `file ${file.path}` : `patient ${patient}`;
}

function givenSides(groups: ReadonlyMap<string, readonly LabelledFile[]>): Map<string, Side> {
  const sides = new Map<string, Side>();
  for (const [key, group] of groups) {
    const [{ split }] = group;
    const other = group.find((image) => image.split !== split);
    if (other !== undefined) {
      throw refused(`${key} stands on both sides of the split (${group[0].file.path}, ${other.file.path})`);
    }
    if (split !== null) sides.set(key, split);
  }
  return sides;
}

function drawnSides(
  groups: ReadonlyMap<string, readonly LabelledFile[]>,
  share: number,
  seed: number,
): Map<string, Side> {
  const byGrade = new Map<number, string[]>();
  for (const [key, group] of groups) {
    const highest = Math.max(...group.map(({ grade }) => grade));
    byGrade.set(highest, [...(byGrade.get(highest) ?? []), key]);
  }
  const sides = new Map<string, Side>();
  for (const [grade, keys] of byGrade) {
    const order = createRandom(deriveSeed(seed, 'split', grade)).shuffle(keys.toSorted());
    // One of two goes to validation, a single one to training.
    const held = Math.min(order.length - 1, Math.max(1, Math.round(share * order.length)));
    order.forEach((key, i) => sides.set(key, i < held ? 'validation' : 'training'));
  }
  return sides;
}

function refused(reason: string): Failure {
  return new Failure('settings-invalid', `the images cannot be split: ${reason}`, {
    hint: 'Correct the columns patient and split of the label file, or give more images.',
  });
}
