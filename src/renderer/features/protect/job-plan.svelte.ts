import type { JobPlan, ProtectChoice } from '../../../shared/contract/jobs.ts';
import type { FailureReply } from '../../../shared/contract/reply.ts';
import { ask } from '../../state/ask.ts';

/** A plan protects one image to measure the time: it waits until the settings rest. */
const rest = 900;

/** What the job would do, asked for after the settings have rested. */
export class PlanWatch {
  plan = $state.raw<JobPlan | null>(null);
  failure = $state.raw<FailureReply | null>(null);
  pending = $state(false);

  #number = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  ask(choice: ProtectChoice): void {
    const number = ++this.#number;
    this.pending = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#make(number, choice), rest);
  }

  clear(): void {
    this.#number++;
    clearTimeout(this.#timer);
    this.plan = null;
    this.failure = null;
    this.pending = false;
  }

  async #make(number: number, choice: ProtectChoice): Promise<void> {
    const reply = await ask('source.plan', choice);
    if (number !== this.#number) return;
    this.pending = false;
    if (reply.ok) {
      this.plan = reply.value;
      this.failure = null;
    } else if (reply.failure.code !== 'cancelled') {
      this.failure = reply.failure;
    }
  }
}

export const planWatch = new PlanWatch();
