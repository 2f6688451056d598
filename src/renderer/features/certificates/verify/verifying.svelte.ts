import type { Verification } from '../../../../shared/contract/certificates.ts';
import type { PathHandle } from '../../../../shared/contract/handles.ts';
import type { FailureReply } from '../../../../shared/contract/reply.ts';
import { ask } from '../../../state/ask.ts';
import { checking } from '../checking.svelte.ts';

export type VerifiedImage = Verification['images'][number];

/** What was verified last, and what came of it. */
export class Verifying {
  subject = $state.raw<PathHandle | null>(null);
  busy = $state(false);
  result = $state.raw<Verification | null>(null);
  failure = $state.raw<FailureReply | null>(null);
  /** A missing residual counts as damage; without it the set cannot be restored. */
  residualExpected = $state(false);
  onlyProblems = $state(false);
  selected = $state(0);
  readonly images = $derived(
    (this.result?.images ?? []).filter((image) => !this.onlyProblems || !isGood(image)),
  );
  readonly problems = $derived((this.result?.images ?? []).filter((image) => !isGood(image)).length);
  readonly image = $derived<VerifiedImage | null>(this.images[this.selected] ?? this.images[0] ?? null);
  #asked = 0;

  /** Verifies; an answer that comes after something else was given is dropped. */
  async verify(subject: PathHandle): Promise<void> {
    const asked = ++this.#asked;
    this.subject = subject;
    this.busy = true;
    checking.begin();
    this.result = null;
    this.failure = null;
    const reply = await ask('certificates.verify', {
      path: subject.id,
      residualExpected: this.residualExpected,
    });
    if (asked !== this.#asked) return;
    this.busy = false;
    if (!reply.ok) {
      this.failure = reply.failure;
      return;
    }
    this.result = reply.value;
    this.selected = 0;
    this.onlyProblems = reply.value.images.length > 1 && this.problems > 0;
  }

  async again(): Promise<void> {
    if (this.subject !== null) await this.verify(this.subject);
  }
}

export const verifying = new Verifying();

/** All three lines hold. */
export function isGood({ integrity, signature, trust }: VerifiedImage): boolean {
  return [integrity, signature, trust].every(({ status }) => status === 'valid');
}

/** `bad` where a line does not hold, `open` where none is broken but one cannot be said. */
export function verdictOf(image: VerifiedImage): 'good' | 'open' | 'bad' {
  if (isGood(image)) return 'good';
  const { integrity, signature, trust } = image;
  return [integrity, signature, trust].some(({ status }) => status === 'invalid') ? 'bad' : 'open';
}
