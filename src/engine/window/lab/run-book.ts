import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { sep } from 'node:path';
import type { LabRun } from '../../../shared/contract/lab.ts';
import { Failure } from '../../../shared/failure.ts';
import { theRun } from '../../end-of-process.ts';
import { inTurn } from '../in-turn.ts';
import type { WindowHost } from '../topic.ts';
import { runKinds } from './kinds.ts';
import { RunChild, type EndOfRun } from './run-child.ts';
import type { RunKind } from './run-kind.ts';
import {
  afterTold,
  readRunRecords,
  removeRunRecord,
  runFolder,
  shownRun,
  writeRunRecord,
  type RunRecord,
} from './run-record.ts';
import type { Told } from './run-wire.ts';
import type { Settings } from './settings-form.ts';

/** Milliseconds between two tellings of the window, and between two savings. */
const tellEvery = 250;
const saveEvery = 5000;

interface Run {
  record: RunRecord;
  child: RunChild | null;
  telling: NodeJS.Timeout | null;
  saved: number;
}

function cutShort(kind: string) {
  const message = 'the program ended before the run did';
  return { code: 'cancelled', message, hint: theRun(resumes(kind)).resume };
}

/** All runs of the lab, newest first; what they told is kept over restarts. */
export class RunBook {
  readonly #folder: string;
  readonly #host: WindowHost;
  readonly #onGrader: (file: string) => Promise<void>;
  readonly #runs = new Map<string, Run>();
  readonly #inTurn = inTurn();

  private constructor(folder: string, host: WindowHost, onGrader: (file: string) => Promise<void>) {
    this.#folder = folder;
    this.#host = host;
    this.#onGrader = onGrader;
  }

  /** @param onGrader takes a grader that a run has made into the list of graders */
  static async open(
    folder: string,
    host: WindowHost,
    onGrader: (file: string) => Promise<void>,
  ): Promise<RunBook> {
    const book = new RunBook(folder, host, onGrader);
    for (const record of (await readRunRecords(folder)).toReversed()) {
      const { status } = record.state;
      const state =
        status === 'running' || status === 'canceling'
          ? ({ status: 'failed', failure: cutShort(record.kind) } as const)
          : record.state;
      book.#runs.set(record.id, { record: { ...record, state }, child: null, telling: null, saved: 0 });
    }
    return book;
  }

  list(): LabRun[] {
    return [...this.#runs.values()].map(({ record }) => this.#shown(record)).reverse();
  }

  get(id: string): LabRun {
    return this.#shown(this.#find(id).record);
  }

  async start(kind: RunKind, { settings, shown }: { settings: Settings; shown: Settings }): Promise<LabRun> {
    const id = randomBytes(16).toString('hex');
    const record: RunRecord = {
      id,
      kind: kind.kind,
      title: titleOf(kind, shown),
      created: new Date().toISOString(),
      settings: shown,
      state: { status: 'running' },
      progress: null,
      etaSeconds: null,
      metrics: [],
      series: [],
      tables: [],
      notes: [],
      given: settings,
    };
    const run: Run = { record, child: null, telling: null, saved: performance.now() };
    await mkdir(runFolder(this.#folder, id), { recursive: true, mode: 0o700 });
    await writeRunRecord(this.#folder, record);
    this.#runs.set(id, run);
    this.#launch(run, settings);
    return this.#shown(run.record);
  }

  /** Goes on where the run stopped. @throws Failure usage for one that goes on, is done, or is of a kind that cannot */
  resume(id: string): LabRun {
    const run = this.#find(id);
    const { given } = run.record;
    if (given === null || !this.#shown(run.record).resumable) {
      throw new Failure('usage', 'this run cannot go on', {
        hint: 'Start a new one with the same settings.',
      });
    }
    run.record = { ...run.record, state: { status: 'running' }, progress: null, etaSeconds: null };
    this.#launch(run, given);
    void this.#save(run);
    return this.#shown(run.record);
  }

  #launch(run: Run, settings: Settings): void {
    const { id, kind } = run.record;
    const folder = runFolder(this.#folder, id);
    let graders = Promise.resolve();
    run.child = new RunChild(
      { run: kind, settings, folder, threads: this.#host.threads() },
      resumes(kind),
      (told) => {
        if (told.kind === 'grader') graders = graders.then(() => this.#takeGrader(run, told.file));
        else this.#told(run, told);
      },
      // The list of graders holds the new one before anybody hears that the run is done.
      (end) => void graders.then(() => this.#ended(run, end)),
    );
  }

  cancel(id: string): LabRun {
    const run = this.#find(id);
    if (run.child !== null && run.record.state.status === 'running') {
      run.record = { ...run.record, state: { status: 'canceling' } };
      run.child.cancel();
      this.#tell(run);
    }
    return this.#shown(run.record);
  }

  /** Deletes the entry and the folder of a run that has ended. @param graders model files that are in the list of graders */
  async remove(id: string, graders: readonly string[]): Promise<void> {
    const { child } = this.#find(id);
    if (child !== null) throw new Failure('usage', 'the run is still going on', { hint: 'Cancel it first.' });
    const folder = `${runFolder(this.#folder, id)}${sep}`;
    if (graders.some((file) => file.startsWith(folder))) {
      throw new Failure('usage', 'the grader that came out of the run is in the list of graders', {
        hint: 'Remove the grader first, or keep the run.',
      });
    }
    this.#runs.delete(id);
    await this.#inTurn(() => removeRunRecord(this.#folder, id));
  }

  /** Ends everything that runs. */
  async close(): Promise<void> {
    for (const run of this.#runs.values()) {
      if (run.telling !== null) clearTimeout(run.telling);
      const { child } = run;
      if (child === null) continue;
      await child.kill();
    }
  }

  #find(id: string): Run {
    const found = this.#runs.get(id);
    if (found !== undefined) return found;
    throw new Failure('usage', 'the run is not in the list any more', { hint: 'Start it again.' });
  }

  #told(run: Run, told: Told): void {
    run.record = afterTold(run.record, told);
    run.telling ??= setTimeout(() => {
      run.telling = null;
      this.#tell(run);
      if (performance.now() - run.saved < saveEvery) return;
      run.saved = performance.now();
      void this.#save(run);
    }, tellEvery);
  }

  async #takeGrader(run: Run, file: string): Promise<void> {
    try {
      await this.#onGrader(file);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#told(run, { kind: 'note', text: `the grader is not in the list: ${error.message}` });
    }
  }

  async #ended(run: Run, end: EndOfRun): Promise<void> {
    if (run.telling !== null) clearTimeout(run.telling);
    run.telling = null;
    run.child = null;
    const state =
      end.kind === 'failed' ? { status: 'failed' as const, failure: end.failure } : { status: end.kind };
    const progress = end.kind === 'done' ? 1 : run.record.progress;
    run.record = { ...run.record, state, progress, etaSeconds: null };
    await this.#save(run);
    this.#tell(run);
  }

  /** As it is when its turn comes; a run that has left the list is not brought back. */
  async #save(run: Run): Promise<void> {
    const write = async () => {
      if (this.#runs.has(run.record.id)) await writeRunRecord(this.#folder, run.record);
    };
    await this.#inTurn(write).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      this.#host.emit('app.notice', { message: error.message, hint: error.hint ?? null });
    });
  }

  #tell({ record }: Run): void {
    this.#host.emit('lab.changed', this.#shown(record));
  }

  #shown(record: RunRecord): LabRun {
    return shownRun(record, this.#folder, this.#host.paths, resumes(record.kind));
  }
}

function resumes(kind: string): boolean {
  return runKinds.find((one) => one.kind === kind)?.resumes === true;
}

/** "Measure transfer: images": what tells one run from another in a list is its name, else the first thing that was chosen. */
function titleOf(kind: RunKind, shown: Settings): string {
  const texts = [shown['name'], ...Object.values(shown)].flatMap((value) =>
    typeof value === 'string' ? [value] : [],
  );
  const [first] = texts;
  return first === undefined ? kind.title : `${kind.title}: ${first}`;
}
