import type { PathHandle } from '../../../shared/contract/handles.ts';
import { m } from '../../paraglide/messages.js';
import { askOrNotice } from '../../state/ask.ts';
import { engine } from '../../state/engine.svelte.ts';
import { navigation } from '../../state/navigation.svelte.ts';
import { notices } from '../../state/notices.svelte.ts';
import { contactSheet } from './contact-sheet.svelte.ts';
import { livePreview } from './live-preview.svelte.ts';
import { planWatch } from './job-plan.svelte.ts';
import { setup } from './protect-setup.svelte.ts';
import { thumbnails } from './thumbnail-cache.svelte.ts';

/** What the Protect screen shows: choosing a folder, choosing how, or a job. */
export class ProtectView {
  shown = $state<'source' | 'setup' | 'job'>('source');

  /** Pictures and handles live as long as the engine: after a crash all are asked for anew. */
  open(): void {
    engine.onRunning(() => {
      thumbnails.renew();
      contactSheet.reread();
      livePreview.renew();
      planWatch.renew();
      void setup.renew();
    });
  }

  async openFolder(source: PathHandle): Promise<void> {
    this.#begin();
    if (await setup.open(source)) this.#chosen();
  }

  /** Several at once: the first, and the person is told. */
  async openDropped([first, ...others]: readonly PathHandle[]): Promise<void> {
    if (first === undefined) return;
    if (others.length > 0)
      notices.add({ tone: 'info', message: m.protect_first_of_dropped({ name: first.name }) });
    await this.openFolder(first);
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
