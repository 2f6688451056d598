import { beforeEach, expect, test, vi } from 'vitest';
import type { ReviewItem } from '../../../shared/contract/review.ts';
import { FakeBridge } from '../../state/fake-bridge.ts';
import { takeReviewKey } from './review-keys.ts';
import { ReviewSession } from './review-session.svelte.ts';

const job = 'a'.repeat(32);
const paths = ['a.png', 'b.png', 'c.png'];
// The session reads the path only.
const itemOf = (path: string) =>
  ({ path, predictions: [], decision: { decision: 'open' } }) as unknown as ReviewItem;

let session: ReviewSession;
let decided: string[];
/** Answers to review.item wait for this. */
let reading: Promise<void>;

beforeEach(async () => {
  // What the keys ask of a target; here it is none of them.
  vi.stubGlobal('Element', Array);
  vi.stubGlobal('HTMLElement', Array);
  decided = [];
  reading = Promise.resolve();
  FakeBridge.install({
    'review.list': () =>
      paths.map((path) => ({ path, thumbnail: null, decision: { decision: 'open' }, changed: null })),
    'review.item': async ({ path }) => {
      await reading;
      return itemOf(path);
    },
    'review.decide': ({ path, decision }) => {
      decided.push(`${path} ${decision.decision}`);
      return decision;
    },
  });
  session = new ReviewSession();
  session.review.job = null;
  await session.review.open(job);
  await session.select('a.png');
});

const press = (key: string, repeat = false) =>
  takeReviewKey(
    { key, repeat, target: null, preventDefault: () => undefined } as unknown as KeyboardEvent,
    session,
  );

test('an image that is still being read is not approved', async () => {
  let arrive: () => void = () => undefined;
  reading = new Promise((resolve) => (arrive = resolve));
  const selecting = session.review.select('c.png');
  expect(session.review.item).toBeNull();
  await session.approve();
  expect(decided).toEqual([]);
  arrive();
  await selecting;
  await session.approve();
  expect(decided).toEqual(['c.png approved']);
});

test('the reason of a rejection is asked for while the image is still being read', () => {
  reading = new Promise(() => undefined);
  void session.review.select('c.png');
  expect(session.review.item).toBeNull();
  press('r');
  expect(session.rejecting).toBe(true);
});

test('a key that is held down decides on one image', async () => {
  press('a');
  await vi.waitFor(() => expect(session.review.path).toBe('b.png'));
  await vi.waitFor(() => expect(session.review.item?.path).toBe('b.png'));
  for (let i = 0; i < 5; i++) expect(press('a', true)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve));
  expect(decided).toEqual(['a.png approved']);
  press('a');
  await vi.waitFor(() => expect(decided).toEqual(['a.png approved', 'b.png approved']));
});
