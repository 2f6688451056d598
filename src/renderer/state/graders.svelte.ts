import type { ListedGrader } from '../../shared/contract/graders.ts';
import { ask, askOrNotice } from './ask.ts';
import { engine } from './engine.svelte.ts';

/** Graders the engine knows: bundled, imported, trained. */
export class GraderList {
  list = $state.raw<readonly ListedGrader[]>([]);
  read = $state(false);
  /** While a chosen file is being imported. */
  importing = $state(false);
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

  /** Lets a person choose a grader's file and imports it; null when none was chosen, or it cannot be imported. */
  async importChosen(): Promise<ListedGrader | null> {
    const file = await askOrNotice('paths.pickFile', { purpose: 'grader' });
    if (file === null) return null;
    this.importing = true;
    const grader = await askOrNotice('graders.import', { file: file.id });
    this.importing = false;
    if (grader !== null) await this.refresh();
    return grader;
  }
}

export const graders = new GraderList();
