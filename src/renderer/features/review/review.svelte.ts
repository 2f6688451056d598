import type { FailureReply } from '../../../shared/contract/reply.ts';
import type { Decision, ReviewItem, ReviewListEntry } from '../../../shared/contract/review.ts';
import { ask, askOrNotice } from '../../state/ask.ts';
import { RecentItems } from './recent-items.ts';

export const filters = ['all', 'open', 'approved', 'rejected', 'changed', 'unchanged'] as const;
export type Filter = (typeof filters)[number];

/** The images of one job under review: which there are, which is shown, what was decided. */
export class Review {
  job = $state<string | null>(null);
  entries = $state.raw<readonly ReviewListEntry[]>([]);
  filter = $state<Filter>('all');
  path = $state<string | null>(null);
  item = $state.raw<ReviewItem | null>(null);
  failure = $state.raw<FailureReply | null>(null);
  /** The image after the one shown, as soon as it is known: its pictures can be fetched ahead. */
  ahead = $state.raw<ReviewItem | null>(null);
  /** True until the list of the job has been read once. */
  reading = $state(false);
  /** After a decision the next image is shown. */
  goOn = $state(true);
  /** The image shown stays in the list when its decision no longer fits the filter. */
  readonly shown = $derived(
    this.entries.filter((entry) => passes(entry, this.filter) || entry.path === this.path),
  );
  readonly position = $derived(this.shown.findIndex(({ path }) => path === this.path));
  readonly counts = $derived(
    Object.fromEntries(
      filters.map((filter) => [filter, this.entries.filter((entry) => passes(entry, filter)).length]),
    ) as Readonly<Record<Filter, number>>,
  );
  readonly #items = new RecentItems();

  /** @param path image to begin with; the first undecided one where none is named */
  async open(job: string, path: string | null = null): Promise<void> {
    if (this.job !== job) this.#clear();
    this.job = job;
    this.reading = this.entries.length === 0;
    const reply = await ask('review.list', { job });
    if (this.job !== job) return;
    this.reading = false;
    if (!reply.ok) {
      this.failure = reply.failure;
      return;
    }
    this.entries = reply.value;
    const first = reply.value.find(({ decision }) => decision.decision === 'open') ?? reply.value[0];
    const begin = path ?? this.path ?? first?.path ?? null;
    if (begin !== null) await this.select(begin);
  }

  /** Shows an image; an answer that comes after another was chosen is kept, not shown. */
  async select(path: string): Promise<void> {
    const { job } = this;
    if (job === null) return;
    this.path = path;
    this.failure = null;
    this.item = this.#items.get(path);
    if (this.item === null) {
      const reply = await ask('review.item', { job, path });
      if (this.job !== job) return;
      if (reply.ok) this.#items.keep(reply.value);
      if (this.path !== path) return;
      if (reply.ok) this.item = reply.value;
      else this.failure = reply.failure;
    }
    void this.#prepareNext();
  }

  /** Goes through the shown images, -1 or 1; stops at either end. */
  async step(by: number): Promise<void> {
    const next = this.shown[this.position + by];
    if (next !== undefined) await this.select(next.path);
  }

  async decide(decision: Decision): Promise<void> {
    const { job, path } = this;
    if (job === null || path === null) return;
    // The neighbour is chosen before the list changes under the filter.
    const next = this.shown[this.position + 1]?.path ?? null;
    const now = await askOrNotice('review.decide', { job, path, decision });
    if (now === null || this.job !== job) return;
    this.#patch(path, { decision: now });
    if (this.goOn && now.decision !== 'open' && next !== null && this.path === path) await this.select(next);
  }

  /** Takes an image's newer state: after a mark was moved, after boxes were drawn. */
  take(item: ReviewItem): void {
    this.#items.keep(item);
    this.#patch(item.path, { decision: item.decision, changed: changedBy(item) });
    if (this.path === item.path) this.item = item;
  }

  /** The engine began anew and its pictures with it: what was kept shows nothing any more. */
  async forget(): Promise<void> {
    this.#items.clear();
    const { job, path } = this;
    if (job !== null) await this.open(job, path);
  }

  /** Reads an image anew: what was written about it may have changed its decision too. */
  async refresh(path: string): Promise<void> {
    const { job } = this;
    if (job === null) return;
    const item = await askOrNotice('review.item', { job, path });
    if (item !== null && this.job === job) this.take(item);
  }

  #patch(path: string, some: Partial<ReviewListEntry>): void {
    this.entries = this.entries.map((entry) => (entry.path === path ? { ...entry, ...some } : entry));
    const known = this.#items.get(path);
    if (known === null || some.decision === undefined) return;
    const item = { ...known, decision: some.decision };
    this.#items.keep(item);
    if (this.path === path) this.item = item;
  }

  async #prepareNext(): Promise<void> {
    const { job } = this;
    const next = this.shown[this.position + 1]?.path;
    this.ahead = next === undefined ? null : this.#items.get(next);
    if (job === null || next === undefined || this.ahead !== null) return;
    const reply = await ask('review.item', { job, path: next });
    if (!reply.ok || this.job !== job) return;
    this.#items.keep(reply.value);
    if (this.shown[this.position + 1]?.path === next) this.ahead = reply.value;
  }

  #clear(): void {
    this.entries = [];
    this.path = null;
    this.item = null;
    this.ahead = null;
    this.failure = null;
    this.#items.clear();
  }
}

export const review = new Review();

function passes({ decision, changed }: ReviewListEntry, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'changed':
      return changed === true;
    case 'unchanged':
      return changed === false;
    case 'open':
    case 'approved':
    case 'rejected':
      return decision.decision === filter;
  }
}

function changedBy({ predictions }: ReviewItem): boolean | null {
  if (predictions.length === 0) return null;
  return predictions.some(({ before, after }) => before !== after);
}
