import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceFile } from '../../jobs/scan.ts';
import { splitByPatient } from './patient-split.ts';
import { type LabelledFile, readSplitFile, readTrainingLabels } from './training-labels.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labels-'));
});
afterAll(() => rm(folder, { recursive: true }));

const files = ['a.png', 'b.png', 'left/c.png', 'right/c.png'].map((path): SourceFile => ({
  path,
  absolute: `/images/${path}`,
  bytes: 1,
}));

async function read(text: string): ReturnType<typeof readTrainingLabels> {
  const path = join(folder, 'labels.csv');
  await writeFile(path, text);
  return readTrainingLabels(path, files, 5);
}

describe('readTrainingLabels', () => {
  it('joins lines and images by path, name or name without extension, and tells what has no grade', async () => {
    const { images, unlabelled } = await read(
      'image;level;patient;split\na;0;p1;train\nleft/c.png;4.0;p2;val\nb.png;;;\n',
    );
    expect(images.map(({ file, grade, patient, split }) => [file.path, grade, patient, split])).toEqual([
      ['a.png', 0, 'p1', 'training'],
      ['left/c.png', 4, 'p2', 'validation'],
    ]);
    expect(unlabelled).toEqual(['b.png', 'right/c.png']);
  });

  it.each([
    ['a line without a file', 'file,grade\n,1\n', /line 2 names no file/],
    ['an absent image', 'file,grade\na.png,0\nz.png,1\n', /line 3: there is no image z\.png/],
    ['a name of several images', 'file,grade\na.png,0\nc.png,1\n', /several images are called c\.png/],
    ['an image labelled twice', 'file,grade\na.png,0\na,1\n', /lines 2 and 3 both label a\.png/],
    ['a grade out of range', 'file,grade\na.png,5\n', /grade of a\.png is "5", expected 0 to 4/],
    ['a grade that is no number', 'file,grade\na.png,mild\n', /"mild"/],
    ['one grade only', 'file,grade\na.png,2\nb.png,2\n', /all 2 images have grade 2/],
    ['no grade at all', 'file,grade\na.png,\n', /grades no image/],
    ['missing columns', 'picture,stage\na.png,1\n', /no columns file and grade \(found: picture, stage\)/],
    ['an unknown split', 'file,grade,split\na.png,1,test\n', /line 2: the split is "test"/],
    ['an empty file', '', /no columns file and grade/],
  ])('refuses %s', async (_, text, reason) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'settings-invalid',
      message: expect.stringMatching(reason) as string,
    });
  });

  it('names a label file that is not there', async () => {
    await expect(readTrainingLabels(join(folder, 'absent.csv'), files, 5)).rejects.toThrow(/absent\.csv/);
  });
});

describe('readSplitFile', () => {
  const images = files.map((file): LabelledFile => ({ file, grade: 0, patient: null, split: null }));
  async function sides(text: string): Promise<[(string | null)[], number]> {
    const path = join(folder, 'split.csv');
    await writeFile(path, text);
    const { images: found, unknown } = await readSplitFile(path, images);
    return [found.map(({ split }) => split), unknown];
  }

  it('takes the sides it names, or a list as the validation images, and counts what it does not know', async () => {
    expect(await sides('file,split\na,train\nleft/c.png,val\n')).toEqual([
      ['training', null, 'validation', null],
      0,
    ]);
    expect(await sides('file,subset\nb.png,x\nelsewhere.png,x\n')).toEqual([
      ['training', 'validation', 'training', 'training'],
      1,
    ]);
  });

  it.each([
    ['no column of files', 'image id,split\na,train\n', /no column file/],
    ['an image on both sides', 'file,split\na,train\na.png,val\n', /line 3: a\.png stands on both sides/],
    ['a name of several images', 'file\nc.png\n', /several images/],
    ['no image that is there', 'file\nz.png\n', /no graded image/],
  ])('refuses %s', async (_, text, reason) => {
    await expect(sides(text)).rejects.toMatchObject({
      code: 'settings-invalid',
      message: expect.stringMatching(reason) as string,
    });
  });
});

describe('splitByPatient', () => {
  const image = (
    name: string,
    grade: number,
    patient: string | null,
    split: LabelledFile['split'] = null,
  ): LabelledFile => ({
    file: { path: name, absolute: name, bytes: 1 },
    grade,
    patient,
    split,
  });
  const eyes = Array.from({ length: 60 }, (_, i) =>
    image(`${i}.png`, Math.floor(i / 2) % 3, `p${Math.floor(i / 2)}`),
  );

  it('keeps both eyes of a patient on one side, and every grade on both', () => {
    const { training, validation, patients } = splitByPatient(eyes, 0.2, 1);
    const sides = [training, validation].map((side) => new Set(side.map(({ patient }) => patient)));
    expect([...sides[0]].filter((patient) => sides[1].has(patient))).toEqual([]);
    expect(validation).toHaveLength(12);
    expect(patients).toBe(30);
    for (const side of [training, validation]) expect(new Set(side.map(({ grade }) => grade)).size).toBe(3);
  });

  it('repeats itself for a seed, whatever the order of the images, and differs for another', () => {
    const held = (images: readonly LabelledFile[], seed: number): string[] =>
      splitByPatient(images, 0.2, seed)
        .validation.map(({ file }) => file.path)
        .sort();
    expect(held(eyes.toReversed(), 1)).toEqual(held(eyes, 1));
    expect(held(eyes, 2)).not.toEqual(held(eyes, 1));
  });

  it('refuses a patient on both sides, a half-given split and a side that cannot be judged', () => {
    const twice = [image('a', 0, 'p', 'training'), image('b', 1, 'p', 'validation')];
    expect(() => splitByPatient(twice, 0.2, 1)).toThrow(
      /patient p stands on both sides of the split \(a, b\)/,
    );
    expect(() => splitByPatient([image('a', 0, 'p', 'training'), image('b', 1, 'q')], 0.2, 1)).toThrow(
      /1 images have no split \(b\)/,
    );
    const alike = [0, 1, 1].map((grade, i) =>
      image(`${i}`, grade, `p${i}`, i < 2 ? 'training' : 'validation'),
    );
    expect(() => splitByPatient(alike, 0.2, 1)).toThrow(/the validation side has 1 images of 1 grades/);
  });
});
