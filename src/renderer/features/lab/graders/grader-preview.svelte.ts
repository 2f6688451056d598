import type { PathHandle } from '../../../../shared/contract/handles.ts';
import type { FailureReply } from '../../../../shared/contract/reply.ts';
import type { RequestOutput } from '../../../../shared/contract/requests.ts';
import { ask } from '../../../state/ask.ts';

export type Seen = RequestOutput<'graders.preview'>[number];

/** Enough to see at a glance whether the eye is centred and the colours are right. */
const images = 4;

/** What a grader sees of some images after its own preprocessing. */
export class GraderPreview {
  folder = $state.raw<PathHandle | null>(null);
  seen = $state.raw<readonly Seen[] | null>(null);
  failure = $state.raw<FailureReply | null>(null);
  #asked = 0;

  /** Reads the preview; one asked for before is dropped. */
  async read(grader: string): Promise<void> {
    const asked = ++this.#asked;
    this.seen = null;
    this.failure = null;
    const reply = await ask('graders.preview', { grader, folder: this.folder?.id ?? null, images });
    if (asked !== this.#asked) return;
    if (reply.ok) this.seen = reply.value;
    else this.failure = reply.failure;
  }
}
