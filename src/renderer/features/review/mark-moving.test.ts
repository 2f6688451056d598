import { beforeEach, expect, test } from 'vitest';
import type { ReviewItem } from '../../../shared/contract/review.ts';
import { failed, FakeBridge } from '../../state/fake-bridge.ts';
import { MarkMoving } from './mark-moving.svelte.ts';

const job = 'a'.repeat(32);
const picture = { id: 'b'.repeat(32), width: 400, height: 300, levels: [{ width: 400, height: 300 }] };
const placement = { x: 40, y: 60, width: 20, height: 10 };
// The state reads path and marks only.
const item = { path: 'a.png', marks: [placement] } as unknown as ReviewItem;

/** Legal corners lie on a grid of 16 pixels, left of x = 200. */
const nearest = ({ x, y }: { x: number; y: number }) => ({
  x: Math.min(192, Math.round(x / 16) * 16),
  y: Math.round(y / 16) * 16,
});

let moving: MarkMoving;
beforeEach(() => {
  moving = new MarkMoving();
});

test('a mark dragged to an illegal place stays at the nearest legal one, and that is what is written', async () => {
  let written: unknown = null;
  FakeBridge.install({
    'review.legalPlaces': () => ({ picture, places: 12 }),
    'review.nearestPlace': nearest,
    'review.moveMark': (input) => {
      written = input;
      return item;
    },
  });
  await moving.begin(job, item, 0);
  await moving.drag({ x: 390.4, y: 60 });
  expect(moving.wanted).toEqual({ x: 390, y: 60 });
  expect(moving.place).toEqual({ x: 192, y: 64 });
  expect(await moving.drop('key')).toBe(item);
  expect(written).toEqual({ job, path: 'a.png', mark: 0, x: 192, y: 64, ownerKey: 'key' });
  expect(moving.mark).toBeNull();
});

test('single arrow steps add up until the next legal place is reached', async () => {
  FakeBridge.install({
    'review.legalPlaces': () => ({ picture, places: 12 }),
    'review.nearestPlace': nearest,
  });
  const aligned = { path: 'a.png', marks: [{ ...placement, x: 48, y: 64 }] } as unknown as ReviewItem;
  await moving.begin(job, aligned, 0);
  for (let step = 0; step < 7; step++) await moving.nudge(1, 0);
  expect(moving.place).toEqual({ x: 48, y: 64 });
  await moving.nudge(1, 0);
  expect(moving.place).toEqual({ x: 64, y: 64 });
});

test('a mark that was not moved is not written', async () => {
  const bridge = FakeBridge.install({
    'review.legalPlaces': () => ({ picture, places: 12 }),
    'review.nearestPlace': () => ({ x: 40, y: 60 }),
  });
  await moving.begin(job, item, 0);
  await moving.drag({ x: 42, y: 61 });
  expect(await moving.drop('key')).toBeNull();
  expect(bridge.channels).not.toContain('review.moveMark');
});

test('a refused move puts the mark back', async () => {
  FakeBridge.install({
    'review.legalPlaces': () => ({ picture, places: 12 }),
    'review.nearestPlace': nearest,
  });
  await moving.begin(job, item, 0);
  await moving.drag({ x: 100, y: 100 });
  expect(await moving.drop('key')).toBeNull();
  expect(moving.place).toEqual({ x: 40, y: 60 });
  expect(moving.measuring).toBe(false);
});

test('a locked key leaves the mark where it was dragged, to be laid down once the key is unlocked', async () => {
  let unlocked = false;
  FakeBridge.install({
    'review.legalPlaces': () => ({ picture, places: 12 }),
    'review.nearestPlace': nearest,
    'review.moveMark': () => {
      if (!unlocked) return failed('wrong-key');
      return item;
    },
  });
  await moving.begin(job, item, 0);
  await moving.drag({ x: 100, y: 100 });
  expect(await moving.drop('key')).toBe('locked');
  expect(moving.place).toEqual({ x: 96, y: 96 });
  unlocked = true;
  expect(await moving.drop('key')).toBe(item);
});
