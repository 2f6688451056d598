import type { RequestOutput } from '../../../shared/contract/requests.ts';
import type { JournalRecord } from '../../jobs/journal.ts';
import { pooledNote, summarizeTransfer } from '../../../ml/evaluation/transfer-summary.ts';
import type { ImageTransfer } from '../../../shared/transfer.ts';

type Matrix = RequestOutput<'lab.transferMatrix'>;
type CellImages = RequestOutput<'lab.cellImages'>;

/** Graders against pipelines, from what a job measured of its images: how often an answer changed. */
export function transferMatrix(records: Iterable<JournalRecord>): Matrix {
  const { rows, pipelines, notes } = summarizeTransfer(measured(records).map(({ transfer }) => transfer));
  const cells = rows.flatMap(({ scope, grader, role, pipeline, attack, verdict }) =>
    scope === 'grader' && grader !== null
      ? [
          {
            ...{ grader, role, pipeline, verdict },
            ...{ protected: attack.protected, control: attack.control, noiseFloor: attack.noiseFloor },
          },
        ]
      : [],
  );
  const graders = new Map(cells.map(({ grader, role }) => [`${role} ${grader}`, { name: grader, role }]));
  return {
    graders: [...graders.values()],
    pipelines,
    cells,
    notes: notes.filter((note) => note !== pooledNote),
  };
}

/** What one grader said of every image behind one pipeline. `counted`: it was right before, so that a change counts. */
export function cellImages(records: Iterable<JournalRecord>, grader: string, pipeline: string): CellImages {
  return measured(records).flatMap(({ path, transfer }) =>
    transfer.graders
      .filter((one) => one.grader === grader)
      .flatMap(({ reference, cleanCorrect, pipelines }) =>
        pipelines
          .filter((one) => one.pipeline === pipeline)
          .map((answers) => ({
            path,
            reference,
            clean: answers.clean.class,
            protected: answers.protected.class,
            control: answers.control.class,
            counted: cleanCorrect,
          })),
      ),
  );
}

function measured(records: Iterable<JournalRecord>): { path: string; transfer: ImageTransfer }[] {
  return [...records].flatMap((record) =>
    record.state === 'done' && record.report.status === 'protected' && record.report.transfer !== null
      ? [{ path: record.path, transfer: record.report.transfer }]
      : [],
  );
}
