import type { CheckingProgress } from '../../../shared/contract/certificates.ts';
import { askOrNotice, bridge } from '../../state/ask.ts';

/** How far the verification or restoration at work is; one at a time. */
export class Checking {
  progress = $state.raw<CheckingProgress | null>(null);
  readonly share = $derived(
    this.progress === null || this.progress.total === 0 ? null : this.progress.finished / this.progress.total,
  );
  #listening = false;

  /** Called when a work begins: what the one before said is no more true. */
  begin(): void {
    this.progress = null;
    if (this.#listening) return;
    this.#listening = true;
    bridge().on('certificates.progress', (progress) => {
      this.progress = progress;
    });
  }

  async stop(): Promise<void> {
    await askOrNotice('certificates.stop', {});
  }
}

export const checking = new Checking();
