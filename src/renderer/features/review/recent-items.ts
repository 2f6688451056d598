import type { ReviewItem } from '../../../shared/contract/review.ts';

/** The way back and the next one open at once; more would hold on to what nobody looks at. */
const most = 8;

/** Items of images seen last or fetched ahead, by path. */
export class RecentItems {
  readonly #items = new Map<string, ReviewItem>();

  get(path: string): ReviewItem | null {
    return this.#items.get(path) ?? null;
  }

  /** Becomes the newest; the oldest goes. */
  keep(item: ReviewItem): void {
    this.#items.delete(item.path);
    this.#items.set(item.path, item);
    const oldest = this.#items.keys().next().value;
    if (this.#items.size > most && oldest !== undefined) this.#items.delete(oldest);
  }

  clear(): void {
    this.#items.clear();
  }
}
