import type { AppInfo, Device, EngineState } from '../../shared/contract/app.ts';
import { ask, askOrNotice, bridge } from './ask.ts';
import { notices } from './notices.svelte.ts';

/** The engine process as main sees it, and what it computes with. */
export class EngineWatch {
  state = $state.raw<EngineState>({ status: 'starting' });
  info = $state.raw<AppInfo | null>(null);
  /** Null until the engine has answered once. */
  device = $state.raw<Device | null>(null);
  /**
   * Crashed or ended. Any request would start it again, and nobody would read why it went: what the page asks by itself waits until a person
   * has started it.
   */
  readonly isGone = $derived(this.state.status === 'crashed' || this.state.status === 'stopped');
  readonly #onRunning: (() => void)[] = [];

  async open(): Promise<void> {
    bridge().on('engine.changed', (state) => this.#become(state));
    bridge().on('app.notice', ({ message, hint }) => notices.add({ tone: 'warn', message, hint }));
    const reply = await ask('app.info', {});
    if (!reply.ok) return;
    this.info = reply.value;
    for (const message of reply.value.notices) notices.add({ tone: 'warn', message });
    this.#become(reply.value.engine);
  }

  /** Called at each start of the engine, and at once when it runs: what was read from an engine that ended is read anew. */
  onRunning(listener: () => void): void {
    this.#onRunning.push(listener);
    if (this.state.status === 'running') listener();
  }

  async restart(): Promise<void> {
    const state = await askOrNotice('app.restartEngine', {});
    if (state !== null) this.#become(state);
  }

  #become(state: EngineState): void {
    const before = this.state.status;
    this.state = state;
    if (state.status !== 'running' || before === 'running') return;
    for (const listener of this.#onRunning) listener();
    void this.#readDevice();
  }

  async #readDevice(): Promise<void> {
    const reply = await ask('app.device', {});
    if (reply.ok) this.device = reply.value;
  }
}

export const engine = new EngineWatch();
