import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leftOutByReview } from './left-out.ts';
import { ReviewBook, type Ruling } from './review-book.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'review-'));
  path = join(folder, 'review.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const approved: Ruling = {
  imageId: 'first',
  decision: { decision: 'approved' },
  edited: true,
  again: false,
};
const box = { box: { x: 1, y: 2, width: 3, height: 4 }, class: 'lesion' as const };

describe('ReviewBook', () => {
  it('has every decision on the disk before it answers, also of many at once', async () => {
    const book = await ReviewBook.open(path);
    const names = Array.from({ length: 20 }, (_, index) => `${index}.png`);
    await Promise.all(names.map((name) => book.set(name, { ruling: approved })));
    const again = await ReviewBook.open(path);
    for (const name of names) expect(again.ruling(name, 'first')).toEqual(approved);
  });

  it('shows nothing that is not on the disk yet', async () => {
    const book = await ReviewBook.open(path);
    let done = false;
    const setting = book.set('a.png', { ruling: approved }).then(() => (done = true));
    let looks = 0;
    for (; !done; looks++) {
      const shown = book.ruling('a.png', 'first').decision.decision;
      const kept = existsSync(path) ? readFileSync(path, 'utf8') : '';
      if (shown === 'approved') expect(kept).toContain('approved');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await setting;
    expect(looks).toBeGreaterThan(1);
    expect(book.ruling('a.png', 'first')).toEqual(approved);
  });

  it('forgets a decision, but not the boxes, when the image has become another picture', async () => {
    const book = await ReviewBook.open(path);
    await book.set('a.png', { ruling: approved, boxes: [box] });
    expect(book.ruling('a.png', 'second')).toMatchObject({ decision: { decision: 'open' }, edited: false });
    expect(book.boxes('a.png')).toEqual([box]);
  });

  it('changes nothing when the disk cannot take it, and goes on afterwards', async () => {
    const book = await ReviewBook.open(join(folder, 'file', 'review.json'));
    await writeFile(join(folder, 'file'), 'in the way');
    await expect(book.set('a.png', { boxes: [box] })).rejects.toMatchObject({ code: 'output-not-writable' });
    expect(book.boxes('a.png')).toEqual([]);
    await rm(join(folder, 'file'));
    await book.set('a.png', { boxes: [box] });
    expect(book.boxes('a.png')).toEqual([box]);
  });

  it('puts a damaged file aside and says so', async () => {
    await writeFile(path, '{"format": "medlocker-review/1", "images": {"a.png"');
    const book = await ReviewBook.open(path);
    expect(book.damaged).toBe(true);
    expect(await readdir(folder)).toEqual(['review.json.damaged']);
    await book.set('a.png', { ruling: approved });
    expect(await readFile(path, 'utf8')).toContain('approved');
  });

  it('takes names that objects have of their own for plain names', async () => {
    const book = await ReviewBook.open(path);
    expect(book.boxes('__proto__')).toEqual([]);
    expect(book.boxes('constructor')).toEqual([]);
  });
});

describe('a book that is there and cannot be read', () => {
  it('is not taken for an empty one, which the next decision would write over it', async () => {
    await mkdir(path);
    await expect(ReviewBook.open(path)).rejects.toMatchObject({ code: 'job-inconsistent', subject: path });
  });
});

describe('what a review leaves out', () => {
  it('is everything not approved, where a review is asked for', async () => {
    const book = await ReviewBook.open(path);
    await book.set('a.png', { ruling: approved });
    await book.set('b.png', { ruling: { ...approved, decision: { decision: 'rejected', reason: 'glare' } } });
    const leftOut = leftOutByReview(book, true);
    expect(leftOut({ path: 'a.png', imageId: 'first' })).toBeNull();
    expect(leftOut({ path: 'a.png', imageId: 'second' })).toContain('not yet approved');
    expect(leftOut({ path: 'b.png', imageId: 'first' })).toContain('glare');
    expect(leftOut({ path: 'c.png', imageId: 'first' })).toContain('not yet approved');
  });

  it('is what was rejected, and nothing else, where none is asked for', async () => {
    const book = await ReviewBook.open(path);
    await book.set('b.png', { ruling: { ...approved, decision: { decision: 'rejected', reason: 'glare' } } });
    const leftOut = leftOutByReview(book, false);
    expect(leftOut({ path: 'a.png', imageId: 'first' })).toBeNull();
    expect(leftOut({ path: 'b.png', imageId: 'first' })).toContain('glare');
    expect(leftOut({ path: 'b.png', imageId: 'second' })).toBeNull();
  });

  it('is an image with a mark on a drawn box, review or not', async () => {
    const book = await ReviewBook.open(path);
    await book.set('a.png', { ruling: { ...approved, again: true } });
    expect(leftOutByReview(book, false)({ path: 'a.png', imageId: 'first' })).toContain('drawn');
  });
});
