import type { Picture } from '../../../shared/contract/handles.ts';
import type { ReviewItem } from '../../../shared/contract/review.ts';
import { ask, askOrNotice, noticeFailure } from '../../state/ask.ts';
import { latestWins } from './latest-wins.ts';
import type { Point } from './viewport.ts';

/** A mark that is being moved: where it may lie, where it is wanted, where it would come to lie. */
export class MarkMoving {
  /** Index of the mark in the image; null while none is moved. */
  mark = $state<number | null>(null);
  /** Places for the mark's top left corner, to be lit up. */
  legal = $state.raw<Picture | null>(null);
  places = $state<number | null>(null);
  /** Wanted top left corner in image pixels: follows the pointer, legal or not. */
  wanted = $state.raw<Point>({ x: 0, y: 0 });
  /** The legal corner nearest to `wanted`: where the mark would lie when it were dropped now. */
  place = $state.raw<Point>({ x: 0, y: 0 });
  /** The new place is being written and measured. */
  measuring = $state(false);
  #item: { readonly job: string; readonly path: string } | null = null;
  #start: Point = { x: 0, y: 0 };
  readonly #seek = latestWins((wanted: Point) => this.#nearest(wanted));

  readonly moved = $derived(this.place.x !== this.#start.x || this.place.y !== this.#start.y);

  async begin(job: string, item: ReviewItem, mark: number): Promise<void> {
    const placement = item.marks[mark];
    if (placement === undefined) return;
    this.#item = { job, path: item.path };
    this.#start = { x: placement.x, y: placement.y };
    this.wanted = this.#start;
    this.place = this.#start;
    this.legal = null;
    this.places = null;
    this.mark = mark;
    const answer = await askOrNotice('review.legalPlaces', { job, path: item.path, mark });
    if (this.mark !== mark || this.#item.path !== item.path) return;
    if (answer === null) {
      this.cancel();
      return;
    }
    this.legal = answer.picture;
    this.places = answer.places;
  }

  /** The pointer drags the mark: its wanted corner follows, and the legal place nearest to it is looked up. */
  drag(wanted: Point): Promise<void> {
    this.wanted = { x: Math.round(wanted.x), y: Math.round(wanted.y) };
    return this.#seek(this.wanted);
  }

  /** Arrow keys: steps add up until they reach the next legal place, and start from there again. */
  async nudge(dx: number, dy: number): Promise<void> {
    const before = this.place;
    await this.drag({ x: this.wanted.x + dx, y: this.wanted.y + dy });
    if (this.place.x !== before.x || this.place.y !== before.y) this.wanted = this.place;
  }

  /**
   * Lays the mark down at the legal place; gives the image as measured anew, null when nothing changed. `locked`: the key has to be
   * unlocked first; the mark stays where it was dragged.
   */
  async drop(ownerKey: string): Promise<ReviewItem | 'locked' | null> {
    const [mark, item] = [this.mark, this.#item];
    if (mark === null || item === null || this.measuring) return null;
    // Places asked for before the drop may still be on their way.
    await this.#seek(this.wanted);
    if (!this.moved) {
      this.cancel();
      return null;
    }
    this.measuring = true;
    const reply = await ask('review.moveMark', { ...item, mark, ...this.place, ownerKey });
    this.measuring = false;
    if (!reply.ok && reply.failure.code === 'wrong-key') return 'locked';
    if (!reply.ok) {
      noticeFailure(reply.failure);
      this.wanted = this.#start;
      this.place = this.#start;
      return null;
    }
    this.cancel();
    return reply.value;
  }

  cancel(): void {
    this.mark = null;
    this.legal = null;
    this.places = null;
  }

  async #nearest(wanted: Point): Promise<void> {
    const [mark, item] = [this.mark, this.#item];
    if (mark === null || item === null) return;
    const reply = await ask('review.nearestPlace', { ...item, mark, ...wanted });
    if (reply.ok && reply.value !== null && this.mark === mark) this.place = reply.value;
  }
}
