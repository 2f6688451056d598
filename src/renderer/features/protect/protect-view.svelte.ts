import type { PathHandle } from '../../../shared/contract/handles.ts';
import { askOrNotice } from '../../state/ask.ts';
import { navigation } from '../../state/navigation.svelte.ts';
import { livePreview } from './live-preview.svelte.ts';
import { planWatch } from './job-plan.svelte.ts';
import { setup } from './protect-setup.svelte.ts';

/** What the Protect screen shows: choosing a folder, choosing how, or a job. */
export class ProtectView {
  shown = $state<'source' | 'setup' | 'job'>('source');

  async openFolder(source: PathHandle): Promise<void> {
    this.#begin();
    if (await setup.open(source)) this.#chosen();
  }

  async openSamples(): Promise<void> {
    this.#begin();
    if (await setup.openSamples()) this.#chosen();
  }

  async pickFolder(): Promise<void> {
    const folder = await askOrNotice('paths.pickFolder', { purpose: 'source' });
    if (folder !== null) await this.openFolder(folder);
  }

  showJob(job: string): void {
    navigation.job = job;
    this.shown = 'job';
    navigation.go('protect');
  }

  /** Back to the choice of a folder. Running jobs go on. */
  chooseSource(): void {
    this.#begin();
  }

  #begin(): void {
    setup.close();
    livePreview.clear();
    planWatch.clear();
    this.shown = 'source';
    navigation.go('protect');
  }

  #chosen(): void {
    livePreview.begin(setup.scan?.images.map(({ path }) => path) ?? []);
    this.shown = 'setup';
  }
}

export const protectView = new ProtectView();
