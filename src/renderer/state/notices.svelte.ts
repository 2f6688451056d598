import type { Screen } from '../../shared/contract/screens.ts';

export type NoticeTone = 'info' | 'good' | 'warn' | 'bad';

export interface NoticeContent {
  readonly tone: NoticeTone;
  readonly message: string;
  readonly hint?: string | null | undefined;
  /** The only screen it matters on: it goes when another one is opened. */
  readonly screen?: Screen | undefined;
}

export interface Notice extends NoticeContent {
  readonly number: number;
}

/** How long good news stay; bad news stay until they are closed. */
const shortly = 6000;
/** More would cover the screen; the oldest go. */
const most = 4;

/** Messages that float above the screen, read out by screen readers. */
export class Notices {
  list = $state.raw<readonly Notice[]>([]);
  #number = 0;

  /** The same message twice in a row is shown once. */
  add(content: NoticeContent): void {
    const same = this.list.find(({ message, hint }) => message === content.message && hint === content.hint);
    if (same !== undefined) this.close(same.number);
    const notice = { ...content, number: ++this.#number };
    this.list = [...this.list, notice].slice(-most);
    if (content.tone === 'good' || content.tone === 'info')
      setTimeout(() => this.close(notice.number), shortly);
  }

  /** Another screen is opened. */
  leaveFor(opened: Screen): void {
    const kept = this.list.filter(({ screen }) => screen === undefined || screen === opened);
    if (kept.length < this.list.length) this.list = kept;
  }

  close(number: number): void {
    this.list = this.list.filter((notice) => notice.number !== number);
  }
}

export const notices = new Notices();
