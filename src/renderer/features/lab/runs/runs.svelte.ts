import type { LabRun, RunKind } from '../../../../shared/contract/lab.ts';
import { ask, askOrNotice, bridge } from '../../../state/ask.ts';
import { engine } from '../../../state/engine.svelte.ts';
import { graders } from '../../../state/graders.svelte.ts';
import { RunForm } from './run-form.svelte.ts';

/** Runs of the lab, newest first, and the kinds of run the engine offers. */
export class Runs {
  kinds = $state.raw<readonly RunKind[]>([]);
  list = $state.raw<readonly LabRun[]>([]);
  read = $state(false);
  /** Id of the run that is looked at; null while a new one is put together. */
  current = $state<string | null>(null);
  form = $state.raw<RunForm | null>(null);
  readonly run = $derived(this.list.find(({ id }) => id === this.current) ?? null);
  #opened = false;

  open(): void {
    if (this.#opened) return;
    this.#opened = true;
    bridge().on('lab.changed', (run) => this.take(run));
    engine.onRunning(() => void this.refresh());
  }

  async refresh(): Promise<void> {
    const [kinds, list] = await Promise.all([ask('lab.kinds', {}), ask('lab.list', {})]);
    if (kinds.ok) this.kinds = kinds.value;
    if (list.ok) this.list = newestFirst(list.value);
    this.read = list.ok;
  }

  /** Puts a run's newer state into the list; a run that brought a grader changes theirs. */
  take(run: LabRun): void {
    const before = this.list.find(({ id }) => id === run.id);
    this.list = newestFirst([...this.list.filter(({ id }) => id !== run.id), run]);
    if (run.state.status === 'done' && before?.state.status !== 'done') void graders.refresh();
  }

  compose(kind: RunKind): void {
    this.current = null;
    this.form = new RunForm(kind);
  }

  look(id: string): void {
    this.current = id;
    this.form = null;
  }

  async start(): Promise<void> {
    if (this.form === null) return;
    const run = await this.form.start();
    if (run === null) return;
    this.take(run);
    this.look(run.id);
  }

  /** Forgets an ended run and what it wrote; its exported files stay. */
  async remove(id: string): Promise<void> {
    if ((await askOrNotice('lab.remove', { run: id })) === null) return;
    this.list = this.list.filter((run) => run.id !== id);
    if (this.current === id) this.current = null;
  }

  async resume(id: string): Promise<void> {
    const run = await askOrNotice('lab.resume', { run: id });
    if (run !== null) this.take(run);
  }

  async cancel(id: string): Promise<void> {
    const run = await askOrNotice('lab.cancel', { run: id });
    if (run !== null) this.take(run);
  }
}

export const runs = new Runs();

export function isRunning({ state: { status } }: LabRun): boolean {
  return status === 'running' || status === 'canceling';
}

function newestFirst(list: readonly LabRun[]): LabRun[] {
  return [...list].sort((a, b) => (a.created < b.created ? 1 : -1));
}
