import type { MatrixCell } from '../../../../shared/contract/lab.ts';
import type { FailureReply } from '../../../../shared/contract/reply.ts';
import type { RequestOutput } from '../../../../shared/contract/requests.ts';
import { ask } from '../../../state/ask.ts';

export type CellImage = RequestOutput<'lab.cellImages'>[number];

/** What a job measured of its graders behind each pipeline, and the images behind one cell. */
export class Matrix {
  job = $state<string | null>(null);
  matrix = $state.raw<RequestOutput<'lab.transferMatrix'> | null>(null);
  failure = $state.raw<FailureReply | null>(null);
  cell = $state.raw<MatrixCell | null>(null);
  images = $state.raw<readonly CellImage[]>([]);
  reading = $state(false);

  async open(job: string): Promise<void> {
    if (job !== this.job) {
      this.matrix = null;
      this.cell = null;
      this.images = [];
    }
    this.job = job;
    this.failure = null;
    const reply = await ask('lab.transferMatrix', { job });
    if (this.job !== job) return;
    if (reply.ok) this.matrix = reply.value;
    else this.failure = reply.failure;
  }

  /** The cell of a grader (of one role) behind a pipeline; null where it was not measured. */
  find(grader: string, role: string, pipeline: string): MatrixCell | null {
    return (
      this.matrix?.cells.find(
        (cell) => cell.grader === grader && cell.role === role && cell.pipeline === pipeline,
      ) ?? null
    );
  }

  /** Opens the images behind a cell: those whose answer changed come first. */
  async look(cell: MatrixCell): Promise<void> {
    const { job } = this;
    if (job === null) return;
    this.cell = cell;
    this.images = [];
    this.reading = true;
    const reply = await ask('lab.cellImages', { job, grader: cell.grader, pipeline: cell.pipeline });
    if (this.cell !== cell || this.job !== job) return;
    this.reading = false;
    if (reply.ok) this.images = reply.value.toSorted((a, b) => rank(a) - rank(b));
    else this.failure = reply.failure;
  }
}

export const matrix = new Matrix();

export type Outcome = 'changed' | 'kept' | 'not-counted';

/** Only images answered correctly before count; `changed` is the answer another than the reference. */
export function outcomeOf(image: CellImage): Outcome {
  if (!image.counted) return 'not-counted';
  return image.protected === image.reference ? 'kept' : 'changed';
}

function rank(image: CellImage): number {
  return { changed: 0, kept: 1, 'not-counted': 2 }[outcomeOf(image)];
}
