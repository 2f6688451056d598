import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JobPlan, ProtectChoice } from '../../../shared/contract/jobs.ts';
import { failed, FakeBridge } from '../../state/fake-bridge.ts';
import { PlanWatch } from './job-plan.svelte.ts';

const choice = {} as ProtectChoice;
const changed = (seed: number) => ({ settings: { seed } }) as ProtectChoice;
const plan: JobPlan = {
  images: 3,
  finished: 0,
  skipped: [],
  unreadable: [],
  estimate: { seconds: 60, bytes: 1000, basis: 'one image' },
  freeBytes: null,
  graders: [],
  device: 'CPU',
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('waits until the settings rest', async () => {
  const bridge = FakeBridge.install({ 'source.plan': async () => plan });
  const watch = new PlanWatch(() => false);
  for (let change = 0; change < 5; change++) {
    watch.ask(changed(change));
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(bridge.inputsOf('source.plan')).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(500);
  expect(bridge.inputsOf('source.plan')).toHaveLength(1);
  expect(watch.plan).toEqual(plan);
  expect(watch.pending).toBe(false);
});

it('lets a preview go first', async () => {
  const bridge = FakeBridge.install({ 'source.plan': async () => plan });
  let previewing = true;
  const watch = new PlanWatch(() => previewing);
  watch.ask(choice);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(bridge.inputsOf('source.plan')).toHaveLength(0);
  previewing = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(bridge.inputsOf('source.plan')).toHaveLength(1);
});

it('asks again when a preview ended the plan', async () => {
  let times = 0;
  FakeBridge.install({ 'source.plan': async () => (++times === 1 ? failed('cancelled') : plan) });
  const watch = new PlanWatch(() => false);
  watch.ask(choice);
  await vi.advanceTimersByTimeAsync(1000);
  expect(watch.pending).toBe(true);
  expect(watch.failure).toBeNull();
  await vi.advanceTimersByTimeAsync(1000);
  expect(watch.plan).toEqual(plan);
});

it('does not make the same plan twice, but a new one for an engine that was started again', async () => {
  const bridge = FakeBridge.install({ 'source.plan': async () => plan });
  const watch = new PlanWatch(() => false);
  for (let visit = 0; visit < 3; visit++) {
    watch.ask(choice);
    await vi.advanceTimersByTimeAsync(2000);
  }
  expect(bridge.inputsOf('source.plan')).toHaveLength(1);
  watch.renew();
  watch.ask(choice);
  await vi.advanceTimersByTimeAsync(2000);
  expect(bridge.inputsOf('source.plan')).toHaveLength(2);
});

it('says why there is no plan', async () => {
  FakeBridge.install({ 'source.plan': async () => failed('output-not-writable') });
  const watch = new PlanWatch(() => false);
  watch.ask(choice);
  await vi.advanceTimersByTimeAsync(1000);
  expect(watch.failure?.code).toBe('output-not-writable');
  expect(watch.pending).toBe(false);
});
