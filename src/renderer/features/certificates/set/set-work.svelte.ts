import type { FailureReply } from '../../../../shared/contract/reply.ts';
import type { RequestOutput } from '../../../../shared/contract/requests.ts';
import { m } from '../../../paraglide/messages.js';
import { ask, askOrNotice } from '../../../state/ask.ts';
import { notices } from '../../../state/notices.svelte.ts';

export interface Counts {
  readonly approved: number;
  readonly rejected: number;
  readonly open: number;
}

/** The certificate and the parameter list of one protected set. */
export class SetWork {
  counts = $state.raw<Counts | null>(null);
  certifying = $state(false);
  exporting = $state(false);
  certified = $state.raw<RequestOutput<'certificates.certifySet'> | null>(null);
  failure = $state.raw<FailureReply | null>(null);
  #job: string | null = null;

  /** Reads how the images of the job were decided on. */
  async open(job: string): Promise<void> {
    if (job !== this.#job) {
      this.counts = null;
      this.certified = null;
      this.failure = null;
    }
    this.#job = job;
    const reply = await ask('review.list', { job });
    if (!reply.ok || this.#job !== job) return;
    const count = (wanted: string) =>
      reply.value.filter(({ decision }) => decision.decision === wanted).length;
    this.counts = { approved: count('approved'), rejected: count('rejected'), open: count('open') };
  }

  async certify(ownerKey: string): Promise<void> {
    const job = this.#job;
    if (job === null) return;
    this.certifying = true;
    this.certified = null;
    this.failure = null;
    const reply = await ask('certificates.certifySet', { job, ownerKey });
    this.certifying = false;
    if (this.#job !== job) return;
    if (reply.ok) this.certified = reply.value;
    else this.failure = reply.failure;
  }

  async exportAs(format: 'csv' | 'json', title: string): Promise<void> {
    const job = this.#job;
    if (job === null) return;
    const file = await askOrNotice('paths.pickSave', {
      suggestedName: `${title}-parameters.${format}`.slice(-200),
      kind: format,
    });
    if (file === null) return;
    this.exporting = true;
    const written = await askOrNotice('certificates.exportParameters', { job, format, file: file.id });
    this.exporting = false;
    if (written === null) return;
    const { images, marks } = written;
    notices.add({
      tone: 'good',
      message: m.certificates_exported({ name: written.file.name, images, marks }),
    });
  }
}

export const setWork = new SetWork();
