import { expect, it } from 'vitest';
import type { AppInfo, EngineState } from '../../shared/contract/app.ts';
import { EngineWatch } from './engine.svelte.ts';
import { FakeBridge } from './fake-bridge.ts';

const info = (engine: EngineState): AppInfo => ({
  version: '1.0.0',
  electron: '45',
  platform: 'linux',
  testRuntime: false,
  engine,
  notices: [],
  keyStore: false,
});

it('reads what depends on the engine anew at each of its starts', async () => {
  const bridge = FakeBridge.install({ 'app.info': async () => info({ status: 'running' }) });
  const engine = new EngineWatch();
  let reads = 0;
  engine.onRunning(() => reads++);
  await engine.open();
  expect(reads).toBe(1);
  bridge.send('engine.changed', { status: 'crashed', reason: 'out of memory', hint: 'use fewer threads' });
  expect(engine.state).toEqual({ status: 'crashed', reason: 'out of memory', hint: 'use fewer threads' });
  expect(reads).toBe(1);
  bridge.send('engine.changed', { status: 'starting' });
  bridge.send('engine.changed', { status: 'running' });
  expect(reads).toBe(2);
});

it('tells a late listener at once that the engine runs', async () => {
  FakeBridge.install({ 'app.info': async () => info({ status: 'running' }) });
  const engine = new EngineWatch();
  await engine.open();
  let told = false;
  engine.onRunning(() => (told = true));
  expect(told).toBe(true);
});

it('stays in its state when a restart cannot be asked for', async () => {
  FakeBridge.install({
    'app.info': async () => info({ status: 'crashed', reason: 'killed', hint: 'start again' }),
  });
  const engine = new EngineWatch();
  await engine.open();
  await engine.restart();
  expect(engine.state.status).toBe('crashed');
});
