import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JobItem } from '../../../shared/contract/jobs.ts';
import { FakeBridge } from '../../state/fake-bridge.ts';
import { engine } from '../../state/engine.svelte.ts';
import { ContactSheet } from './contact-sheet.svelte.ts';

const item = (path: string, state: JobItem['state'] = 'waiting'): JobItem => ({
  path,
  state,
  reason: null,
  code: null,
  hint: null,
  thumbnail: null,
  changed: null,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function install(total: () => number) {
  return FakeBridge.install({
    'jobs.items': async ({ from, count }) => ({
      total: total(),
      items: Array.from({ length: Math.max(0, Math.min(count, total() - from)) }, (_, offset) =>
        item(`${from + offset}.png`),
      ),
    }),
  });
}

it('reads only the pages in view of a job with 10,000 images', async () => {
  const bridge = install(() => 10_000);
  const sheet = new ContactSheet();
  sheet.open('job', 'all', 10_000);
  await vi.advanceTimersByTimeAsync(1);
  sheet.view(5000, 5040);
  sheet.view(5010, 5050);
  await vi.advanceTimersByTimeAsync(1);
  expect(bridge.inputsOf('jobs.items').map((input) => (input as { from: number }).from)).toEqual([0, 5000]);
  expect(sheet.items.get(5040)?.path).toBe('5040.png');
  expect(sheet.items.get(2000)).toBeUndefined();
});

it('takes an image that is just through, of its own job only', async () => {
  install(() => 4);
  const sheet = new ContactSheet();
  sheet.open('job', 'all', 4);
  await vi.advanceTimersByTimeAsync(1);
  sheet.take({ job: 'other', index: 1, item: item('1.png', 'failed') });
  expect(sheet.items.get(1)?.state).toBe('waiting');
  sheet.take({ job: 'job', index: 1, item: item('1.png', 'done') });
  expect(sheet.items.get(1)?.state).toBe('done');
});

it('reads a filtered list anew when an image is through, not once for each', async () => {
  let failures = 1;
  const bridge = install(() => failures);
  const sheet = new ContactSheet();
  sheet.open('job', 'failed', 4);
  await vi.advanceTimersByTimeAsync(1);
  expect(sheet.total).toBe(1);
  failures = 3;
  for (let index = 0; index < 10; index++) sheet.take({ job: 'job', index, item: item(`${index}.png`) });
  await vi.advanceTimersByTimeAsync(5000);
  expect(sheet.total).toBe(3);
  expect(bridge.inputsOf('jobs.items')).toHaveLength(2);
});

it('drops what a shorter list no longer has', async () => {
  let failures = 3;
  install(() => failures);
  const sheet = new ContactSheet();
  sheet.open('job', 'failed', 4);
  await vi.advanceTimersByTimeAsync(1);
  failures = 1;
  sheet.reread();
  await vi.advanceTimersByTimeAsync(5000);
  expect([...sheet.items.keys()]).toEqual([0]);
});

it('does not start a crashed engine again by itself', async () => {
  const bridge = install(() => 4);
  const sheet = new ContactSheet();
  sheet.open('job', 'all', 4);
  await vi.advanceTimersByTimeAsync(1);
  engine.state = { status: 'crashed', reason: 'killed', hint: 'start again' };
  sheet.reread();
  await vi.advanceTimersByTimeAsync(5000);
  expect(bridge.inputsOf('jobs.items')).toHaveLength(1);
  engine.state = { status: 'running' };
  sheet.reread();
  await vi.advanceTimersByTimeAsync(5000);
  expect(bridge.inputsOf('jobs.items')).toHaveLength(2);
});

it('ignores a late answer to a question about another filter', async () => {
  const waiting: Partial<Record<string, () => void>> = {};
  FakeBridge.install({
    'jobs.items': ({ only }) =>
      new Promise((resolve) => {
        waiting[only] = () => resolve({ total: 1, items: [item(`${only}.png`)] });
      }),
  });
  const sheet = new ContactSheet();
  sheet.open('job', 'all', 4);
  sheet.open('job', 'failed', 4);
  waiting['failed']?.();
  await vi.advanceTimersByTimeAsync(1);
  waiting['all']?.();
  await vi.advanceTimersByTimeAsync(1);
  expect(sheet.items.get(0)?.path).toBe('failed.png');
});
