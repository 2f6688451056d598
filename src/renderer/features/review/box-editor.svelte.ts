import type { lesionClasses, ReviewItem, ZoneBox } from '../../../shared/contract/review.ts';
import { askOrNotice } from '../../state/ask.ts';
import { boxBetween, hitTest, moveBox, resizeBox, type BoxHandle, type BoxHit } from './box-editing.ts';
import { beginHistory, record, redo, undo, type History } from './history.ts';
import type { Point, Size } from './viewport.ts';

export type LesionClass = (typeof lesionClasses)[number];

/** What a drag does: draws a new box from a corner, or moves or resizes one. */
type Drag =
  | { readonly kind: 'draw'; readonly from: Point }
  | {
      readonly kind: 'change';
      readonly from: Point;
      readonly part: BoxHandle | 'inside';
      readonly box: ZoneBox;
    };

/** Boxes of one image while they are drawn and edited. Nothing is written before `save`. */
export class BoxEditor {
  active = $state(false);
  selected = $state<number | null>(null);
  /** Class a new box gets. */
  newClass = $state<LesionClass>('lesion');
  saving = $state(false);
  /** The boxes as they would be if the drag under way ended now; null while nothing is dragged. */
  #dragged = $state.raw<readonly ZoneBox[] | null>(null);
  #history = $state.raw<History<readonly ZoneBox[]>>(beginHistory([]));
  #saved: readonly ZoneBox[] = [];
  #drag: Drag | null = null;
  #image: Size = { width: 1, height: 1 };
  #place: { readonly job: string; readonly path: string } | null = null;

  readonly boxes = $derived(this.#dragged ?? this.#history.present);
  readonly canUndo = $derived(this.#history.past.length > 0);
  readonly canRedo = $derived(this.#history.future.length > 0);
  readonly changed = $derived(this.active && this.#history.present !== this.#saved);
  readonly current = $derived(this.selected === null ? null : (this.boxes[this.selected] ?? null));

  begin(job: string, item: ReviewItem): void {
    this.#place = { job, path: item.path };
    this.#image = { width: item.before.width, height: item.before.height };
    this.#saved = item.boxes;
    this.#history = beginHistory(item.boxes);
    this.#dragged = null;
    this.#drag = null;
    this.selected = null;
    this.active = true;
  }

  cancel(): void {
    this.active = false;
    this.selected = null;
    this.#dragged = null;
    this.#drag = null;
  }

  /** @param reach how near a handle has to be, in image pixels */
  hit(at: Point, reach: number): BoxHit | null {
    return hitTest(
      this.boxes.map(({ box }) => box),
      at,
      reach,
    );
  }

  press(at: Point, reach: number): void {
    const hit = this.hit(at, reach);
    const box = hit === null ? undefined : this.boxes[hit.index];
    this.selected = box === undefined || hit === null ? null : hit.index;
    this.#drag =
      box === undefined || hit === null
        ? { kind: 'draw', from: at }
        : { kind: 'change', from: at, part: hit.part, box };
  }

  drag(to: Point): void {
    if (this.#drag === null) return;
    const present = this.#history.present;
    if (this.#drag.kind === 'draw') {
      const box = boxBetween(this.#drag.from, to, this.#image);
      this.#dragged = box === null ? present : [...present, { box, class: this.newClass }];
      this.selected = box === null ? null : present.length;
      return;
    }
    const { part, from, box: old } = this.#drag;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const box =
      part === 'inside'
        ? moveBox(old.box, dx, dy, this.#image)
        : resizeBox(old.box, part, dx, dy, this.#image);
    this.#dragged = present.map((one, index) => (index === this.selected ? { ...one, box } : one));
  }

  release(): void {
    const dragged = this.#dragged;
    this.#drag = null;
    this.#dragged = null;
    if (dragged !== null && dragged !== this.#history.present) this.#record(dragged);
  }

  /** A new box around an image point, for those who draw with the keyboard. */
  addAt(at: Point, side: number): void {
    const from = { x: at.x - side / 2, y: at.y - side / 2 };
    const box = boxBetween(from, { x: from.x + side, y: from.y + side }, this.#image);
    if (box === null) return;
    const present = this.#history.present;
    this.#record([...present, { box, class: this.newClass }]);
    this.selected = present.length;
  }

  /** Moves the selected box, or its lower right corner, by whole pixels. */
  nudge(dx: number, dy: number, resize: boolean): void {
    const [selected, old] = [this.selected, this.current];
    if (selected === null || old === null) return;
    const box = resize
      ? resizeBox(old.box, 'se', dx, dy, this.#image)
      : moveBox(old.box, dx, dy, this.#image);
    this.#record(this.#history.present.map((one, index) => (index === selected ? { ...one, box } : one)));
  }

  setClass(lesion: LesionClass): void {
    this.newClass = lesion;
    const { selected } = this;
    if (selected === null || this.current === null || this.current.class === lesion) return;
    this.#record(
      this.#history.present.map((one, index) => (index === selected ? { ...one, class: lesion } : one)),
    );
  }

  remove(): void {
    const { selected } = this;
    if (selected === null) return;
    this.selected = null;
    this.#record(this.#history.present.filter((_, index) => index !== selected));
  }

  undo(): void {
    this.#travel(undo(this.#history));
  }

  redo(): void {
    this.#travel(redo(this.#history));
  }

  /** Writes the boxes; null when that failed. `conflict`: a mark now lies on one and the image needs a new run. */
  async save(): Promise<{ readonly boxes: readonly ZoneBox[]; readonly conflict: boolean } | null> {
    const place = this.#place;
    if (place === null) return null;
    this.saving = true;
    const answer = await askOrNotice('review.setBoxes', { ...place, boxes: [...this.#history.present] });
    this.saving = false;
    if (answer !== null) this.cancel();
    return answer;
  }

  /** The box that came back or changed is selected, so that the keyboard goes on with it. */
  #travel(to: History<readonly ZoneBox[]>): void {
    const before = this.#history.present;
    this.#history = to;
    const place = to.present.findIndex((box, index) => box !== before[index]);
    this.selected = place < 0 ? null : place;
  }

  #record(boxes: readonly ZoneBox[]): void {
    this.#history = record(this.#history, boxes);
  }
}
