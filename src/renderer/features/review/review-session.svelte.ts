import { m } from '../../paraglide/messages.js';
import { engine } from '../../state/engine.svelte.ts';
import { keys } from '../../state/keys.svelte.ts';
import { notices } from '../../state/notices.svelte.ts';
import { KeyGate } from '../certificates/key-gate.svelte.ts';
import { BoxEditor } from './box-editor.svelte.ts';
import { thumbnails } from './list/thumbnails.svelte.ts';
import { MarkMoving } from './mark-moving.svelte.ts';
import { review, type Review } from './review.svelte.ts';
import { Viewer } from './viewer.svelte.ts';

/** One review as it goes on at the screen: the images, how they are looked at, and what is being changed. */
export class ReviewSession {
  readonly review: Review = review;
  readonly viewer = new Viewer();
  readonly moving = new MarkMoving();
  readonly editor = new BoxEditor();
  rejecting = $state(false);
  helping = $state(false);
  /** Asks for the passphrase of the key that signs a moved mark. */
  readonly gate = new KeyGate();

  /** Leaves what is being edited: boxes that changed are written first. */
  async settle(): Promise<void> {
    this.moving.cancel();
    if (this.editor.changed) await this.saveBoxes();
    else this.editor.cancel();
  }

  async select(path: string): Promise<void> {
    await this.settle();
    await this.review.select(path);
  }

  async step(by: number): Promise<void> {
    await this.settle();
    await this.review.step(by);
  }

  /** Nothing happens while the image is still being read: nobody approves what they have not seen. */
  async approve(): Promise<void> {
    if (this.review.item === null) return;
    await this.settle();
    await this.review.decide({ decision: 'approved' });
  }

  /** Asks for the reason, also while the image is still being read: what is rejected is handed to nobody. */
  beginReject(): void {
    this.rejecting = this.review.path !== null;
  }

  async reject(reason: string): Promise<void> {
    await this.settle();
    await this.review.decide({ decision: 'rejected', reason });
  }

  async reopen(): Promise<void> {
    await this.review.decide({ decision: 'open' });
  }

  /** Begins to move a mark: with the key that will sign the new place, asked for first where it is locked. */
  beginMove(mark: number): void {
    const { item, job } = this.review;
    if (item === null || job === null || item.marks[mark] === undefined) return;
    const owner = keys.owner;
    if (owner === null) {
      notices.add({
        tone: 'warn',
        message: m.review_no_key(),
        hint: m.review_no_key_hint(),
        screen: 'review',
      });
      return;
    }
    const { x, y, width, height } = item.marks[mark];
    this.gate.run(owner, () => {
      this.editor.cancel();
      this.viewer.reveal({ x: x + width / 2, y: y + height / 2 });
      if (this.viewer.mode === 'difference') this.viewer.mode = 'slider';
      void this.moving.begin(job, item, mark);
    });
  }

  /** Lays the mark down; a key that was locked in the meantime is asked for, and then it goes on. */
  async drop(): Promise<void> {
    const owner = keys.owner;
    if (owner === null) return;
    const item = await this.moving.drop(owner.id);
    if (item === 'locked') this.gate.ask(owner, () => void this.drop());
    else if (item !== null) {
      this.review.take(item);
      thumbnails.forget();
    }
  }

  beginBoxes(): void {
    const { item, job } = this.review;
    if (item === null || job === null || this.editor.saving) return;
    this.moving.cancel();
    if (this.viewer.mode === 'difference') this.viewer.mode = 'slider';
    this.editor.begin(job, item);
  }

  /** A new box in the middle of what is seen, a fifth of it wide. */
  addBox(): void {
    const { view, pane } = this.viewer;
    this.editor.addAt(view, Math.max(8, Math.min(pane.width, pane.height) / view.scale / 5));
  }

  async saveBoxes(): Promise<void> {
    const { item } = this.review;
    const saved = await this.editor.save();
    if (saved === null || item === null) return;
    // At once: who goes on editing begins with these boxes, not with those of before.
    if (this.review.item?.path === item.path) this.review.take({ ...item, boxes: [...saved.boxes] });
    await this.review.refresh(item.path);
    if (saved.conflict) {
      notices.add({
        tone: 'warn',
        message: m.review_boxes_conflict(),
        hint: m.review_boxes_conflict_hint(),
        screen: 'review',
      });
    } else notices.add({ tone: 'good', message: m.review_boxes_saved() });
  }
}

export const session = new ReviewSession();

engine.onRunning(() => {
  session.moving.cancel();
  thumbnails.forget();
  void session.review.forget();
});
