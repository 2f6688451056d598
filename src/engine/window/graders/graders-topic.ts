import type { EngineChannel } from '../../../shared/contract/requests.ts';
import { openClassifier } from '../../../ml/models/open-classifier.ts';
import { inspectGrader } from '../../workflows/inspect-grader.ts';
import type { Topic, WindowHost } from '../topic.ts';
import { graderDescriber } from './describe-grader.ts';
import type { GraderBook, KnownGrader } from './grader-book.ts';
import { previewGrader } from './grader-preview.ts';

type GraderChannel = Extract<EngineChannel, `graders.${string}`>;

/** The graders a person works with. A file enters the list only after it was opened, checked and run once. */
export function gradersTopic(graders: GraderBook, host: WindowHost): Topic<GraderChannel> {
  const { paths, pictures } = host;
  const describe = graderDescriber();
  return {
    'graders.list': async () => {
      const listed = [];
      for (const grader of await graders.list()) listed.push(await describe(grader));
      return listed;
    },
    'graders.import': async ({ file }) => describe(await addGrader(graders, 'imported', paths.pathOf(file))),
    'graders.remove': async ({ grader }) => {
      await graders.remove(grader);
      return {};
    },
    'graders.inspect': async ({ grader }) => {
      const facts = await inspectGrader(await graders.fileOf(grader));
      return { facts: Object.entries(facts).map(([name, value]) => ({ name, value })) };
    },
    'graders.preview': async ({ grader, folder, images }) =>
      previewGrader(await graders.fileOf(grader), folder === null ? null : paths.pathOf(folder), images, {
        pictures,
        threads: host.threads(),
      }),
  };
}

/** @throws Failure model-unreadable, model-unsupported, model-not-finite: why it cannot be used */
export async function addGrader(
  graders: GraderBook,
  source: 'imported' | 'trained',
  path: string,
): Promise<KnownGrader> {
  const model = await openClassifier(path, { threads: 1 });
  const { id } = model.spec;
  model.dispose();
  return graders.add(source, path, id);
}
