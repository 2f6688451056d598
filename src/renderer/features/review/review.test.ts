import { beforeEach, expect, test } from 'vitest';
import type { Decision, ReviewItem, ReviewListEntry } from '../../../shared/contract/review.ts';
import { FakeBridge } from '../../state/fake-bridge.ts';
import { Review } from './review.svelte.ts';

const job = 'a'.repeat(32);
const picture = { id: 'b'.repeat(32), width: 400, height: 300, levels: [{ width: 400, height: 300 }] };
const entry = (path: string, decision: Decision, changed: boolean | null = null): ReviewListEntry => ({
  path,
  thumbnail: null,
  decision,
  changed,
});
const itemOf = (path: string): ReviewItem => ({
  path,
  before: picture,
  after: picture,
  overlays: {},
  marks: [],
  lesions: [],
  boxes: [],
  disc: null,
  fovea: null,
  figures: { overlapPixels: 0, clearance: null, psnr: 40, ssim: 0.99, inkShare: 0.01 },
  label: null,
  predictions: [],
  decision: { decision: 'open' },
  edited: false,
});
const list = [
  entry('a.png', { decision: 'approved' }),
  entry('b.png', { decision: 'open' }, true),
  entry('c.png', { decision: 'open' }, false),
];

let review: Review;
beforeEach(() => {
  review = new Review();
});

test('opens at the first image that nobody has decided on', async () => {
  FakeBridge.install({ 'review.list': () => list, 'review.item': ({ path }) => itemOf(path) });
  await review.open(job);
  expect(review.path).toBe('b.png');
  expect(review.item?.path).toBe('b.png');
  expect(review.counts).toMatchObject({ all: 3, open: 2, approved: 1, changed: 1, unchanged: 1 });
});

test('after a decision the next image of the filter is shown, and the decided one leaves the list', async () => {
  FakeBridge.install({
    'review.list': () => list,
    'review.item': ({ path }) => itemOf(path),
    'review.decide': ({ decision }) => decision,
  });
  await review.open(job);
  review.filter = 'open';
  await review.decide({ decision: 'approved' });
  expect(review.path).toBe('c.png');
  expect(review.shown.map(({ path }) => path)).toEqual(['c.png']);
});

test('a refused decision changes nothing', async () => {
  FakeBridge.install({ 'review.list': () => list, 'review.item': ({ path }) => itemOf(path) });
  await review.open(job);
  await review.decide({ decision: 'rejected', reason: 'mark on a lesion' });
  expect(review.path).toBe('b.png');
  expect(review.counts.rejected).toBe(0);
});

test('an answer that comes after another image was chosen is not shown', async () => {
  let late: (item: ReviewItem) => void = () => undefined;
  FakeBridge.install({
    'review.list': () => list,
    'review.item': ({ path }) =>
      path === 'a.png' ? new Promise((resolve) => (late = resolve)) : itemOf(path),
  });
  await review.open(job);
  const first = review.select('a.png');
  await review.select('c.png');
  late(itemOf('a.png'));
  await first;
  expect(review.item?.path).toBe('c.png');
});

test('the neighbour is fetched ahead, so that walking on asks nothing anew for it', async () => {
  const bridge = FakeBridge.install({ 'review.list': () => list, 'review.item': ({ path }) => itemOf(path) });
  await review.open(job);
  await new Promise((resolve) => setTimeout(resolve));
  const before = bridge.channels.length;
  await review.step(1);
  expect(review.item?.path).toBe('c.png');
  expect(bridge.channels.length).toBe(before);
});

test('after the engine began anew the image shown is asked for again', async () => {
  let pictures = 'first';
  FakeBridge.install({
    'review.list': () => list,
    'review.item': ({ path }) => ({ ...itemOf(path), before: { ...picture, id: pictures } }),
  });
  await review.open(job, 'c.png');
  pictures = 'second';
  await review.forget();
  expect(review.item?.before.id).toBe('second');
  expect(review.path).toBe('c.png');
});
