import { basename, join } from 'node:path';
import type { EngineChannel } from '../../../shared/contract/requests.ts';
import { Failure } from '../../../shared/failure.ts';
import { writeAtomically } from '../../jobs/atomic-write.ts';
import { readJournal, type JournalRecord } from '../../jobs/journal.ts';
import { wholeJob } from '../../jobs/shard.ts';
import { privateFolder } from '../../workflows/private-folder.ts';
import type { GraderBook } from '../graders/grader-book.ts';
import { addGrader } from '../graders/graders-topic.ts';
import type { JobShelf } from '../jobs/job-shelf.ts';
import type { Topic, WindowHost } from '../topic.ts';
import { runAsCsv, runAsJson } from './export-run.ts';
import { runKinds } from './kinds.ts';
import { RunBook } from './run-book.ts';
import { settingsForm, settingsOf, type Locate } from './settings-form.ts';
import { cellImages, transferMatrix } from './transfer-matrix.ts';

type LabChannel = Extract<EngineChannel, `lab.${string}`>;

export interface LabNeeds {
  readonly host: WindowHost;
  readonly graders: GraderBook;
  readonly shelf: JobShelf;
}

/** Runs of every kind, and what jobs have measured. */
export async function labTopic({
  host,
  graders,
  shelf,
}: LabNeeds): Promise<{ readonly topic: Topic<LabChannel>; close(): Promise<void> }> {
  const { paths } = host;
  const runs = await RunBook.open(join(host.data, 'runs'), host, async (file) => {
    await addGrader(graders, 'trained', file);
  });
  const locate: Locate = async (format, id) => {
    if (format === 'grader') {
      const { file, name } = await graders.find(id);
      return { path: file, name };
    }
    if (format === 'job') {
      const { record } = shelf.get(id);
      return { path: join(host.data, 'jobs', `${record.id}.json`), name: basename(record.job.source) };
    }
    const path = paths.pathOf(id);
    return { path, name: basename(path) };
  };
  const topic: Topic<LabChannel> = {
    'lab.kinds': () =>
      Promise.all(
        runKinds.map(async (kind) => ({
          kind: kind.kind,
          title: kind.title,
          description: kind.description,
          settings: settingsForm(kind),
          unavailable: await kind.unavailable(),
        })),
      ),
    'lab.start': async ({ kind: name, settings }) => {
      const kind = runKinds.find((one) => one.kind === name);
      if (kind === undefined) throw new Failure('usage', `there is no kind of run called ${name}`);
      const why = await kind.unavailable();
      if (why !== null) throw new Failure('runtime-missing', why);
      return runs.start(kind, await settingsOf(kind, settings, locate));
    },
    'lab.cancel': async ({ run }) => runs.cancel(run),
    'lab.resume': async ({ run }) => runs.resume(run),
    'lab.list': async () => runs.list(),
    'lab.get': async ({ run }) => runs.get(run),
    'lab.remove': async ({ run }) => {
      await runs.remove(
        run,
        (await graders.list()).map(({ file }) => file),
      );
      return {};
    },
    'lab.export': async ({ run, format, file }) => {
      const path = paths.pathOf(file);
      const write = format === 'csv' ? runAsCsv : runAsJson;
      await writeAtomically(path, write(runs.get(run)), 'export');
      return paths.handle(path, 'file');
    },
    'lab.transferMatrix': async ({ job }) => transferMatrix(await recordsOf(shelf, job)),
    'lab.cellImages': async ({ job, grader, pipeline }) =>
      cellImages(await recordsOf(shelf, job), grader, pipeline),
  };
  return { topic, close: () => runs.close() };
}

async function recordsOf(shelf: JobShelf, job: string): Promise<readonly JournalRecord[]> {
  const { out } = shelf.get(job).record.job;
  return (await readJournal(privateFolder(out, wholeJob).journal))?.records ?? [];
}
