import { SvelteMap } from 'svelte/reactivity';
import type { Picture } from '../../../shared/contract/handles.ts';
import { ask } from '../../state/ask.ts';
import { engine } from '../../state/engine.svelte.ts';

/** Small enough that scrolling away is noticed soon. */
const page = 24;
/** Scrolling past does not ask. */
const pause = 60;

/** Small pictures of a folder's images, asked for as they come into view; null where an image cannot be read. */
export class ThumbnailCache {
  readonly pictures = new SvelteMap<string, Picture | null>();
  #source: string | null = null;
  #wanted: readonly string[] = [];
  #asking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Says which images are in view; what was wanted before and has left the view is not asked for any more. */
  want(source: string, paths: readonly string[]): void {
    if (source !== this.#source) {
      this.#source = source;
      this.pictures.clear();
    }
    this.#wanted = paths;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fill(), pause);
  }

  /** Forgets all and asks again for what is in view. */
  renew(): void {
    this.pictures.clear();
    void this.#fill();
  }

  async #fill(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    for (;;) {
      const source = this.#source;
      const paths = this.#wanted.filter((path) => !this.pictures.has(path)).slice(0, page);
      if (source === null || paths.length === 0 || engine.isGone) break;
      const reply = await ask('source.thumbnails', { source, paths });
      if (source !== this.#source) continue;
      // A gone engine: what is in view is asked for at the next scroll.
      if (!reply.ok) break;
      for (const path of paths) this.pictures.set(path, null);
      for (const { path, picture } of reply.value) this.pictures.set(path, picture);
    }
    this.#asking = false;
  }
}

export const thumbnails = new ThumbnailCache();
