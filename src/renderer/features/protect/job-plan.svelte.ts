import type { JobPlan, ProtectChoice } from '../../../shared/contract/jobs.ts';
import type { FailureReply } from '../../../shared/contract/reply.ts';
import { ask } from '../../state/ask.ts';
import { engine } from '../../state/engine.svelte.ts';
import { livePreview } from './live-preview.svelte.ts';

/** A plan protects one image to measure the time: it waits until the settings rest. */
const rest = 900;

/** What the job would do, asked for after the settings have rested and while no preview is being made. */
export class PlanWatch {
  plan = $state.raw<JobPlan | null>(null);
  failure = $state.raw<FailureReply | null>(null);
  pending = $state(false);

  readonly #isPreviewing: () => boolean;
  #question: string | null = null;
  #number = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param isPreviewing a preview is under way: a person waits for that first */
  constructor(isPreviewing: () => boolean) {
    this.#isPreviewing = isPreviewing;
  }

  /** Nothing happens where the answer to the same question is on show or on its way. */
  ask(choice: ProtectChoice): void {
    const question = JSON.stringify(choice);
    if (question === this.#question) return;
    this.#question = question;
    this.pending = true;
    this.#later(++this.#number, choice);
  }

  clear(): void {
    this.#number++;
    clearTimeout(this.#timer);
    this.plan = null;
    this.#question = null;
    this.failure = null;
    this.pending = false;
  }

  /** The next question is asked even if it was answered before. */
  renew(): void {
    this.#question = null;
  }

  #later(number: number, choice: ProtectChoice): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (engine.isGone) this.pending = false;
      else if (this.#isPreviewing()) this.#later(number, choice);
      else void this.#make(number, choice);
    }, rest);
  }

  async #make(number: number, choice: ProtectChoice): Promise<void> {
    const reply = await ask('source.plan', choice);
    if (number !== this.#number) return;
    // A preview of another image came between: the plan itself is still wanted.
    if (!reply.ok && reply.failure.code === 'cancelled') {
      this.#later(number, choice);
      return;
    }
    this.pending = false;
    this.failure = reply.ok ? null : reply.failure;
    if (reply.ok) this.plan = reply.value;
    else this.#question = null;
  }
}

export const planWatch = new PlanWatch(() => livePreview.pending);
