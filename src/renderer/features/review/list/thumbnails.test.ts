import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JobItem } from '../../../../shared/contract/jobs.ts';
import { FakeBridge } from '../../../state/fake-bridge.ts';
import { Thumbnails } from './thumbnails.svelte.ts';

const job = 'a'.repeat(32);
const picture = { id: 'b'.repeat(32), width: 4, height: 3, levels: [{ width: 4, height: 3 }] };
const itemOf = (path: string): JobItem => ({
  path,
  state: 'done',
  reason: null,
  code: null,
  hint: null,
  thumbnail: picture,
  changed: null,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('only pages in view are asked for, each once', async () => {
  const from: number[] = [];
  FakeBridge.install({
    'jobs.items': (input) => {
      from.push(input.from);
      return { total: 1000, items: [itemOf(`image-${input.from}`)] };
    },
  });
  const thumbnails = new Thumbnails();
  // Scrolled past at once.
  thumbnails.want(job, [700, 701]);
  thumbnails.want(job, [0, 1, 2, 50]);
  await vi.advanceTimersByTimeAsync(1000);
  thumbnails.want(job, [3, 4]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(from).toEqual([0, 48]);
  expect([...thumbnails.pictures.keys()]).toEqual(['image-0', 'image-48']);
});

test('a page that was not answered is asked for again', async () => {
  const bridge = FakeBridge.install();
  const thumbnails = new Thumbnails();
  thumbnails.want(job, [0]);
  await vi.advanceTimersByTimeAsync(1000);
  thumbnails.want(job, [0]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(bridge.channels).toEqual(['jobs.items', 'jobs.items']);
});

test('after the engine began anew what is in view is asked for again', async () => {
  const bridge = FakeBridge.install({ 'jobs.items': () => ({ total: 1, items: [itemOf('a')] }) });
  const thumbnails = new Thumbnails();
  thumbnails.want(job, [0]);
  await vi.advanceTimersByTimeAsync(1000);
  thumbnails.forget();
  expect(thumbnails.pictures.size).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(thumbnails.pictures.size).toBe(1);
  expect(bridge.channels.length).toBe(2);
});
