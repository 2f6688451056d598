import { Failure } from '../../../shared/failure.ts';
import { resolveJobPaths } from '../../jobs/source-paths.ts';
import { jobOfChoice } from '../jobs/job-of-choice.ts';
import type { JobParts } from '../jobs/jobs-topic.ts';
import type { PlanTurn } from '../source/plan-turn.ts';
import type { Topic } from '../topic.ts';
import { makePreview } from './make-preview.ts';
import { PreviewSource } from './preview-source.ts';

/** Live previews: one at a time, the newest wins. */
export function previewTopic(
  { host, graders }: JobParts,
  plans: PlanTurn,
): { topic: Topic<'preview.make'>; close(): void } {
  const source = new PreviewSource();
  let current = new AbortController();
  let turn: Promise<unknown> = Promise.resolve();
  const topic: Topic<'preview.make'> = {
    'preview.make': async ({ choice, path }) => {
      plans.interrupt();
      current.abort(overtaken());
      const { signal } = (current = new AbortController());
      const make = async () => {
        signal.throwIfAborted();
        const job = await jobOfChoice(choice, host, graders);
        const { source: folder } = await resolveJobPaths(job.source, job.out);
        const image = await source.image(folder, path);
        const inputs = await source.inputs(job);
        signal.throwIfAborted();
        const zone = await source.zone(image, job, inputs);
        signal.throwIfAborted();
        return makePreview(image, zone, job, inputs, host.pictures, signal);
      };
      // One after the other: two at once would make each slower, and the earlier one ends as soon as it can.
      const made = turn.then(make);
      turn = made.catch(() => undefined);
      return made;
    },
  };
  return {
    topic,
    close() {
      current.abort(overtaken());
      source.close();
    },
  };
}

function overtaken(): Failure {
  return new Failure('cancelled', 'a newer preview was asked for');
}
