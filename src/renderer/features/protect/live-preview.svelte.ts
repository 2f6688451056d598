import type { Preview, ProtectChoice } from '../../../shared/contract/jobs.ts';
import type { FailureReply } from '../../../shared/contract/reply.ts';
import { ask } from '../../state/ask.ts';
import { engine } from '../../state/engine.svelte.ts';

/** A slider sends many values while it moves; the engine ends an older preview for a newer, but each start costs. */
const pause = 40;

/** A folder whose first images are all damaged shows why, instead of trying on. */
const mostCandidates = 8;

/** How the marks would look on one image. Only the latest answer is ever shown; until it is there the one before stays. */
export class LivePreview {
  /** Image of the source that is shown; null before there is one. */
  path = $state<string | null>(null);
  preview = $state.raw<Preview | null>(null);
  failure = $state.raw<FailureReply | null>(null);
  /** What is shown is not yet what was chosen. */
  pending = $state(false);
  /** Image the shown preview is of. */
  shownPath = $state<string | null>(null);

  /** Images to begin with, tried in turn until one can be read. */
  #candidates: readonly string[] = [];
  #question: string | null = null;
  #number = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins with the first of these images that can be read. */
  begin(paths: readonly string[]): void {
    this.clear();
    [this.path = null, ...this.#candidates] = paths.slice(0, mostCandidates);
  }

  /** Nothing happens where the answer to the same question is on show or on its way. */
  ask(choice: ProtectChoice, path: string): void {
    const question = JSON.stringify([choice, path]);
    if (question === this.#question) return;
    this.#question = question;
    const number = ++this.#number;
    this.pending = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#make(number, choice, path), pause);
  }

  clear(): void {
    this.#number++;
    clearTimeout(this.#timer);
    this.path = null;
    this.#candidates = [];
    this.#question = null;
    this.preview = null;
    this.failure = null;
    this.pending = false;
    this.shownPath = null;
  }

  #tryNext(path: string, code: string): void {
    const [next, ...others] = this.#candidates;
    if (next === undefined || this.preview !== null || this.path !== path || !code.startsWith('image-'))
      return;
    this.#candidates = others;
    this.path = next;
  }

  /** The next question is asked even if it was answered before. */
  renew(): void {
    this.#question = null;
  }

  async #make(number: number, choice: ProtectChoice, path: string): Promise<void> {
    if (engine.isGone) {
      this.pending = false;
      return;
    }
    const reply = await ask('preview.make', { choice, path });
    if (number !== this.#number) return;
    this.pending = false;
    if (reply.ok) {
      this.preview = reply.value;
      this.failure = null;
      this.shownPath = path;
    } else if (reply.failure.code !== 'cancelled') {
      this.failure = reply.failure;
      this.#question = null;
      this.#tryNext(path, reply.failure.code);
    }
  }
}

export const livePreview = new LivePreview();
