import type { Job } from '../../shared/contract/jobs.ts';
import { ask, askOrNotice, bridge, noticeFailure } from './ask.ts';
import { engine } from './engine.svelte.ts';

export type JobCommand = 'jobs.pause' | 'jobs.cancel' | 'jobs.resume' | 'jobs.retryFailed';

/** All jobs the engine knows, newest first, kept up to date by its events. */
export class JobList {
  list = $state.raw<readonly Job[]>([]);
  /** False until the engine has answered once. */
  read = $state(false);
  /** The command that waits for an owner key to be unlocked. */
  locked = $state.raw<{ readonly channel: JobCommand; readonly job: string } | null>(null);

  open(): void {
    bridge().on('jobs.changed', (job) => this.take(job));
    bridge().on('engine.changed', ({ status }) => {
      if (status === 'crashed' || status === 'stopped') this.#interrupt();
    });
    engine.onRunning(() => void this.refresh());
  }

  async refresh(): Promise<void> {
    const reply = await ask('jobs.list', {});
    if (!reply.ok) return;
    this.list = reply.value;
    this.read = true;
  }

  find(id: string | null): Job | null {
    return this.list.find((job) => job.id === id) ?? null;
  }

  /** Puts a job's newer state into the list. */
  take(job: Job): void {
    const known = this.list.some(({ id }) => id === job.id);
    this.list = known ? this.list.map((old) => (old.id === job.id ? job : old)) : [job, ...this.list];
  }

  /** A job signs: with a key that is locked it waits in `locked` until the key is open. */
  async command(channel: JobCommand, job: string): Promise<void> {
    this.locked = null;
    const reply = await ask(channel, { job });
    if (reply.ok) this.take(reply.value);
    else if (reply.failure.code === 'wrong-key') this.locked = { channel, job };
    else noticeFailure(reply.failure);
  }

  /** The engine is gone and its jobs with it: they say so until the engine tells more. */
  #interrupt(): void {
    this.list = this.list.map((job) =>
      isActive(job) ? { ...job, state: { status: 'interrupted' }, current: null, etaSeconds: null } : job,
    );
  }

  /** The job is forgotten; its files stay. */
  async discard(job: string): Promise<void> {
    if ((await askOrNotice('jobs.discard', { job })) === null) return;
    this.list = this.list.filter(({ id }) => id !== job);
  }
}

export const jobs = new JobList();

/** Whether the engine is at work on the job right now. */
export function isActive({ state: { status } }: Job): boolean {
  return status === 'starting' || status === 'running' || status === 'pausing' || status === 'canceling';
}

/** Whether the job can go on: it was paused, cancelled, cut short or failed. */
export function isResumable({ state: { status } }: Job): boolean {
  return status === 'paused' || status === 'cancelled' || status === 'interrupted' || status === 'failed';
}
