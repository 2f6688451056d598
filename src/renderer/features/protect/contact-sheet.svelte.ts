import { SvelteMap } from 'svelte/reactivity';
import type { EventPayload } from '../../../shared/contract/events.ts';
import type { JobItem } from '../../../shared/contract/jobs.ts';
import { ask } from '../../state/ask.ts';
import { engine } from '../../state/engine.svelte.ts';

export const sheetFilters = ['all', 'done', 'no-room', 'failed'] as const;
export type SheetFilter = (typeof sheetFilters)[number];

const page = 100;
/** A filtered list may shift with each finished image; it is read anew this often at most. */
const rereadPause = 800;

/** Images of a job with their outcome, read page by page as they come into view and kept up to date by events. */
export class ContactSheet {
  total = $state(0);
  /** By position in the filtered list. */
  readonly items = new SvelteMap<number, JobItem>();
  job = $state<string | null>(null);
  filter = $state<SheetFilter>('all');

  /** First positions of the pages that were asked for. */
  #asked: readonly number[] = [];
  #first = 0;
  #last = -1;
  #number = 0;
  #rereading = false;

  /** Begins anew with another job or filter. */
  open(job: string, filter: SheetFilter, total: number): void {
    if (job === this.job && filter === this.filter) return;
    this.job = job;
    this.filter = filter;
    this.total = filter === 'all' ? total : 0;
    this.items.clear();
    this.#asked = [];
    this.#number++;
    this.#first = 0;
    this.#last = -1;
    this.view(0, page - 1);
  }

  /** Says which positions are in view. */
  view(first: number, last: number): void {
    this.#first = first;
    this.#last = last;
    for (let from = Math.floor(first / page) * page; from <= last; from += page) {
      if (!this.#asked.includes(from)) void this.#read(from);
    }
  }

  /** Takes an image that is just through. */
  take({ job, index, item }: EventPayload<'jobs.item'>): void {
    if (job !== this.job) return;
    if (this.filter === 'all') this.items.set(index, item);
    else this.reread();
  }

  /** Reads what is in view once more, soon: after a retry, or when a filtered list grew. */
  reread(): void {
    if (this.#rereading) return;
    this.#rereading = true;
    setTimeout(() => {
      this.#rereading = false;
      this.#asked = [];
      this.view(this.#first, Math.max(this.#last, this.#first));
    }, rereadPause);
  }

  async #read(from: number): Promise<void> {
    if (this.job === null || engine.isGone) return;
    const number = this.#number;
    this.#asked = [...this.#asked, from];
    const reply = await ask('jobs.items', { job: this.job, from, count: page, only: this.filter });
    if (number !== this.#number) return;
    if (!reply.ok) {
      this.#asked = this.#asked.filter((asked) => asked !== from);
      return;
    }
    const { items } = reply.value;
    items.forEach((item, offset) => this.items.set(from + offset, item));
    for (let position = from + items.length; position < from + page; position++) this.items.delete(position);
    this.total = reply.value.total;
  }
}

export const contactSheet = new ContactSheet();
