import type { PathHandle } from '../../../../shared/contract/handles.ts';
import type { LabRun, RunKind } from '../../../../shared/contract/lab.ts';
import type { FailureReply } from '../../../../shared/contract/reply.ts';
import { ask } from '../../../state/ask.ts';
import { entryOf, valueOf, type Entry, type Json } from './field-value.ts';
import { fieldsOf, type FormField } from './schema-fields.ts';

/** A run as it is put together. */
export class RunForm {
  readonly kind: RunKind;
  readonly fields: readonly FormField[];
  entries = $state.raw<Readonly<Record<string, Entry>>>({});
  /** Folders and files chosen, to show their names: an entry is only an id. */
  handles = $state.raw<Readonly<Record<string, PathHandle>>>({});
  /** Problems are shown once starting was tried. */
  tried = $state(false);
  busy = $state(false);
  failure = $state.raw<FailureReply | null>(null);
  readonly values = $derived.by(() =>
    Object.fromEntries(
      this.fields.map((field) => [field.name, valueOf(field, this.entries[field.name] ?? '')]),
    ),
  );
  readonly sound = $derived(Object.values(this.values).every(({ problem }) => problem === null));

  constructor(kind: RunKind) {
    this.kind = kind;
    this.fields = fieldsOf(kind.settings);
    this.reset();
  }

  reset(): void {
    this.entries = Object.fromEntries(this.fields.map((field) => [field.name, entryOf(field)]));
    this.handles = {};
    this.tried = false;
    this.failure = null;
  }

  set(name: string, entry: Entry): void {
    this.entries = { ...this.entries, [name]: entry };
  }

  choose(name: string, handle: PathHandle): void {
    this.handles = { ...this.handles, [name]: handle };
    this.set(name, handle.id);
  }

  /** Starts the run; null when something is missing or the engine refused. */
  async start(): Promise<LabRun | null> {
    this.tried = true;
    if (!this.sound || this.busy) return null;
    const settings: Record<string, Json> = {};
    for (const [name, { value }] of Object.entries(this.values)) {
      if (value !== undefined) settings[name] = value;
    }
    this.busy = true;
    this.failure = null;
    const reply = await ask('lab.start', { kind: this.kind.kind, settings });
    this.busy = false;
    if (reply.ok) return reply.value;
    this.failure = reply.failure;
    return null;
  }
}
