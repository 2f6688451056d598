import { join } from 'node:path';
import { z } from 'zod';
import { summarizeTransfer } from '../../../../ml/evaluation/transfer-summary.ts';
import { parsePipeline } from '../../../../ml/imaging/pipelines.ts';
import { Failure } from '../../../../shared/failure.ts';
import type { ImageTransfer } from '../../../../shared/transfer.ts';
import { writeAtomically } from '../../../jobs/atomic-write.ts';
import { describeError } from '../../../jobs/run-items.ts';
import { openGraders } from '../../../workflows/open-graders.ts';
import { chosen } from '../fields.ts';
import { runKind } from '../run-kind.ts';
import type { Tell } from '../run-wire.ts';
import { protectedImages, remeasure } from './remeasure.ts';
import { attackTable, qualityTable } from './transfer-tables.ts';

const settings = z.object({
  job: chosen('job', 'Job', 'A finished job, whose originals are still where they were.'),
  graders: z
    .array(chosen('grader', 'Grader', ''))
    .min(1)
    .max(32)
    .meta({
      title: 'Graders',
      description: 'To measure with; those the search worked against count as surrogates.',
    }),
  pipelines: z
    .array(z.string().min(1).max(200).superRefine(understood).meta({ title: 'Pipeline' }))
    .min(1)
    .max(32)
    .default(['direct', 'jpeg:75', 'resize:50%'])
    .meta({
      title: 'Pipelines',
      description:
        'What is done to the pictures before they are graded: direct, jpeg:75, resize:224, median:3 ...',
    }),
  limit: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .meta({ title: 'Most images', description: 'Empty measures all of them.' }),
});

export const transferKind = runKind({
  kind: 'transfer',
  title: 'Measure transfer',
  description:
    'Measures how further graders answer to the images of a job, before and after, with the control and the noise floor.',
  settings,
  resumes: false,
  unavailable: async () => null,
  async run({ job, graders: files, pipelines: ids, limit }, { folder, threads, tell, signal }) {
    const pipelines = [...new Set(ids)].map((id) => parsePipeline(id));
    const { images, surrogateIds, logo } = await protectedImages(job);
    const chosenImages = images.slice(0, limit ?? undefined);
    const classifiers = await openGraders([...new Set(files)], threads);
    try {
      const graders = classifiers.map((classifier) => ({
        classifier,
        role: surrogateIds.has(classifier.spec.id) ? ('surrogate' as const) : ('victim' as const),
      }));
      const measured: { path: string; transfer: ImageTransfer }[] = [];
      const tellRates = runningRates(tell);
      const started = performance.now();
      for (const [index, image] of chosenImages.entries()) {
        signal.throwIfAborted();
        try {
          const transfer = await remeasure(image, { graders, pipelines, logo, signal });
          measured.push({ path: image.path, transfer });
          tellRates(transfer, measured.length);
        } catch (error) {
          if (signal.aborted || !(error instanceof Failure)) throw error;
          tell({
            kind: 'note',
            text: `${image.path} is left out: ${describeError(error, image.path).reason}`,
          });
        }
        const finished = index + 1;
        const perImage = (performance.now() - started) / 1000 / finished;
        tell({
          kind: 'progress',
          share: finished / chosenImages.length,
          etaSeconds: perImage * (chosenImages.length - finished),
        });
      }
      if (measured.length === 0) {
        throw new Failure('usage', 'no image of the job could be measured', {
          hint: 'The notes say why. The originals have to lie where they lay when the job ran.',
        });
      }
      const summary = summarizeTransfer(measured.map(({ transfer }) => transfer));
      tell({ kind: 'table', table: attackTable(summary) });
      const quality = qualityTable(summary);
      if (quality !== null) tell({ kind: 'table', table: quality });
      for (const text of summary.notes) tell({ kind: 'note', text });
      const file = join(folder, 'transfer.json');
      await writeAtomically(file, `${JSON.stringify({ images: measured, summary }, null, 2)}\n`, 'lab');
    } finally {
      for (const classifier of classifiers) classifier.dispose();
    }
  },
});

/** So that a slip of the pen is told in the form and not by the run. */
function understood(id: string, context: z.RefinementCtx): void {
  try {
    parsePipeline(id);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    context.addIssue({ code: 'custom', message: `${error.message}. ${error.hint ?? ''}` });
  }
}

/** Share of changed answers so far, of those right before, pooled over the graders of a role behind each pipeline. */
function runningRates(tell: Tell): (transfer: ImageTransfer, images: number) => void {
  const counts = new Map<string, { k: number; n: number }>();
  return ({ graders }, images) => {
    for (const { role, cleanCorrect, reference, pipelines } of graders) {
      for (const { pipeline, protected: answer } of cleanCorrect ? pipelines : []) {
        const name = `${role}s, ${pipeline}`;
        const { k, n } = counts.get(name) ?? { k: 0, n: 0 };
        counts.set(name, { k: k + Number(answer.class !== reference), n: n + 1 });
      }
    }
    tell({ kind: 'metric', name: 'images', value: images });
    for (const [name, { k, n }] of counts) {
      const head = { name, xLabel: 'images', yLabel: 'share of answers changed' };
      tell({ kind: 'metric', name: `changed: ${name}`, value: k / n });
      tell({ kind: 'point', series: head, point: { x: images, y: k / n } });
    }
  };
}
