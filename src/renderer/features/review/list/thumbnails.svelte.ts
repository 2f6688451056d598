import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Picture } from '../../../../shared/contract/handles.ts';
import { ask } from '../../../state/ask.ts';

/** Images asked for at once; finished images of a job are listed in the order of the review. */
const page = 48;
/** Scrolling past does not ask. */
const pause = 80;

/** Small pictures of a job's protected images, asked for page by page as they come into view. */
export class Thumbnails {
  readonly pictures = new SvelteMap<string, Picture>();
  readonly #asked = new SvelteSet<number>();
  #job: string | null = null;
  #wanted: readonly number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param positions places of the images in view in the whole review */
  want(job: string, positions: readonly number[]): void {
    if (job !== this.#job) this.#clear();
    this.#job = job;
    this.#wanted = positions;
    this.#fillSoon();
  }

  /** The engine began anew and its pictures with it: what is in view is asked for again. */
  forget(): void {
    this.#clear();
    if (this.#job !== null) this.#fillSoon();
  }

  #clear(): void {
    this.#asked.clear();
    this.pictures.clear();
  }

  #fillSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fill(this.#wanted), pause);
  }

  async #fill(positions: readonly number[]): Promise<void> {
    const job = this.#job;
    for (const number of positions.map((position) => Math.floor(position / page))) {
      if (job === null || job !== this.#job || this.#asked.has(number)) continue;
      this.#asked.add(number);
      const reply = await ask('jobs.items', { job, from: number * page, count: page, only: 'done' });
      if (!reply.ok) {
        // A gone engine: asked for again at the next scroll.
        this.#asked.delete(number);
        return;
      }
      for (const { path, thumbnail } of reply.value.items) {
        if (thumbnail !== null && job === this.#job) this.pictures.set(path, thumbnail);
      }
    }
  }
}

export const thumbnails = new Thumbnails();
