import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Preview, ProtectChoice } from '../../../shared/contract/jobs.ts';
import { failed, FakeBridge, type Refusal } from '../../state/fake-bridge.ts';
import { LivePreview } from './live-preview.svelte.ts';

const picture = { id: '0'.repeat(32), width: 1, height: 1, levels: [{ width: 1, height: 1 }] };
const answer = (reason: string): Preview => ({
  kind: 'no-room',
  before: picture,
  zone: picture,
  reason,
});
// The bridge of the test reads nothing of it.
const choice = {} as ProtectChoice;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function withSlowEngine() {
  const waiting: ((outcome: Preview | Refusal) => void)[] = [];
  const bridge = FakeBridge.install({
    'preview.make': () => new Promise((resolve) => waiting.push(resolve)),
  });
  return { bridge, waiting };
}

const reasonOf = ({ preview }: LivePreview) => (preview?.kind === 'no-room' ? preview.reason : null);

it('asks once for a slider that is still moving', async () => {
  const { bridge } = withSlowEngine();
  const live = new LivePreview();
  for (let step = 0; step < 10; step++) live.ask(choice, `${step}.png`);
  await vi.advanceTimersByTimeAsync(1000);
  expect(bridge.inputsOf('preview.make')).toEqual([{ choice, path: '9.png' }]);
});

it('shows the latest answer even where an earlier one comes after it', async () => {
  const { waiting } = withSlowEngine();
  const live = new LivePreview();
  live.ask(choice, 'first.png');
  await vi.advanceTimersByTimeAsync(100);
  live.ask(choice, 'second.png');
  await vi.advanceTimersByTimeAsync(100);
  waiting[1]?.(answer('second'));
  await vi.advanceTimersByTimeAsync(1);
  waiting[0]?.(answer('first'));
  await vi.advanceTimersByTimeAsync(1);
  expect(reasonOf(live)).toBe('second');
  expect(live.shownPath).toBe('second.png');
  expect(live.pending).toBe(false);
});

it('keeps the last preview on show while a newer one is made or has failed', async () => {
  const { waiting } = withSlowEngine();
  const live = new LivePreview();
  live.ask(choice, 'a.png');
  await vi.advanceTimersByTimeAsync(100);
  waiting[0]?.(answer('shown'));
  await vi.advanceTimersByTimeAsync(1);
  live.ask(choice, 'b.png');
  await vi.advanceTimersByTimeAsync(100);
  expect(reasonOf(live)).toBe('shown');
  expect(live.pending).toBe(true);
  waiting[1]?.(failed('image-unreadable'));
  await vi.advanceTimersByTimeAsync(1);
  expect(reasonOf(live)).toBe('shown');
  expect(live.failure?.code).toBe('image-unreadable');
});

it('begins with the first image that can be read', async () => {
  const live = new LivePreview();
  FakeBridge.install({
    'preview.make': async ({ path }) => (path === 'c.png' ? answer('read') : failed('image-unreadable')),
  });
  live.begin(['a.png', 'b.png', 'c.png', 'd.png']);
  for (let turn = 0; turn < 4; turn++) {
    live.ask(choice, live.path ?? '');
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(live.path).toBe('c.png');
  expect(reasonOf(live)).toBe('read');
});

it('stays with an image that a person has chosen, even where it cannot be read', async () => {
  const live = new LivePreview();
  FakeBridge.install({
    'preview.make': async ({ path }) => (path === 'a.png' ? answer('read') : failed('image-unreadable')),
  });
  live.begin(['a.png', 'b.png', 'c.png']);
  live.ask(choice, 'a.png');
  await vi.advanceTimersByTimeAsync(100);
  live.path = 'b.png';
  live.ask(choice, 'b.png');
  await vi.advanceTimersByTimeAsync(100);
  expect(live.path).toBe('b.png');
  expect(live.failure?.code).toBe('image-unreadable');
});

it('shows nothing that was asked for before it was cleared', async () => {
  const { waiting } = withSlowEngine();
  const live = new LivePreview();
  live.ask(choice, 'a.png');
  await vi.advanceTimersByTimeAsync(100);
  live.clear();
  waiting[0]?.(answer('late'));
  await vi.advanceTimersByTimeAsync(1);
  expect(live.preview).toBeNull();
});
