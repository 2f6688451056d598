import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLabelFile } from './label-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-labels-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function labels(text: string) {
  const path = join(folder, 'grades.csv');
  await writeFile(path, text);
  return readLabelFile(path);
}

describe('readLabelFile', () => {
  it('finds an image by path, by name, or by name without extension', async () => {
    const { gradeOf } = await labels('file,grade\ndeep/a.jpg,1\nb.png,2\nc,3\n');
    expect(['deep/a.jpg', 'x/b.png', 'c.tif', 'd.png'].map(gradeOf)).toEqual([1, 2, 3, null]);
  });

  it('takes other usual headings, further columns, a byte order mark, semicolons and missing grades', async () => {
    const { gradeOf } = await labels('\ufeffpatient;Image;Level\r\n7;a.png;4\r\n8;b.png;\r\n');
    expect([gradeOf('a.png'), gradeOf('b.png')]).toEqual([4, null]);
  });

  it('refuses to guess between images of one name with different grades', async () => {
    const { gradeOf } = await labels('file,grade\nleft/a.png,1\nright/a.png,2\n');
    expect(gradeOf('left/a.png')).toBe(1);
    expect(() => gradeOf('elsewhere/a.png')).toThrow('a.png has several grades');
  });

  it.each([
    ['no headings', '1,2\n3,4\n', 'no columns file and grade'],
    ['an empty file', '', 'no columns file and grade'],
    ['a word for a grade', 'file,grade\na.png,mild\n', 'line 2: the grade "mild" is not a whole number'],
    ['an open quote', 'file,grade\n"a.png,1\n', 'cannot be used'],
  ])('refuses %s, naming the file', async (_name, text, words) => {
    await expect(labels(text)).rejects.toThrow(words);
  });
});
