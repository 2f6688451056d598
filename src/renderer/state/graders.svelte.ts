import type { ListedGrader } from '../../shared/contract/graders.ts';
import { ask } from './ask.ts';
import { engine } from './engine.svelte.ts';

/** Graders the engine knows: bundled, imported, trained. */
export class GraderList {
  list = $state.raw<readonly ListedGrader[]>([]);
  read = $state(false);
  readonly usable = $derived(this.list.filter((grader) => grader.usable));

  open(): void {
    engine.onRunning(() => void this.refresh());
  }

  async refresh(): Promise<void> {
    const reply = await ask('graders.list', {});
    if (!reply.ok) return;
    this.list = reply.value;
    this.read = true;
  }
}

export const graders = new GraderList();
