import { join } from 'node:path';
import type { EngineChannel } from '../../shared/contract/requests.ts';
import { appTopic } from './app-topic.ts';
import { certificatesTopic } from './certificates/certificates-topic.ts';
import { ContactBook } from './contacts/contact-book.ts';
import { contactsTopic } from './contacts/contacts-topic.ts';
import { GraderBook } from './graders/grader-book.ts';
import { gradersTopic } from './graders/graders-topic.ts';
import { JobRunner } from './jobs/job-runner.ts';
import { JobShelf } from './jobs/job-shelf.ts';
import { jobsTopic } from './jobs/jobs-topic.ts';
import { KeyShelf } from './keys/key-shelf.ts';
import { keysTopic } from './keys/keys-topic.ts';
import { labTopic } from './lab/lab-topic.ts';
import { licencesTopic } from './licences/licences-topic.ts';
import { previewTopic } from './preview/preview-topic.ts';
import { reviewTopic } from './review/review-topic.ts';
import { PlanTurn } from './source/plan-turn.ts';
import { sourceTopic } from './source/source-topic.ts';
import type { Topic, WindowHost } from './topic.ts';

export interface Topics {
  readonly handlers: Topic<EngineChannel>;
  /** Ends what runs: jobs keep what is done and can be resumed. */
  close(): Promise<void>;
}

/** Everything the engine answers. */
export async function openTopics(host: WindowHost): Promise<Topics> {
  const keys = new KeyShelf(join(host.data, 'keys'));
  const graders = await GraderBook.open(join(host.data, 'graders.json'));
  const shelf = await JobShelf.open(join(host.data, 'jobs'), host);
  const runner = new JobRunner(host, shelf, keys);
  const contacts = new ContactBook(join(host.data, 'contacts'));
  const parts = { host, graders, keys, contacts, shelf, runner };
  const plans = new PlanTurn();
  const preview = previewTopic(parts, plans);
  const review = reviewTopic(parts);
  const certificates = certificatesTopic(parts);
  const lab = await labTopic(parts);
  return {
    handlers: {
      ...appTopic(),
      ...keysTopic(keys, host),
      ...sourceTopic(parts, plans),
      ...preview.topic,
      ...jobsTopic(parts),
      ...review.topic,
      ...contactsTopic(contacts, host),
      ...licencesTopic(parts),
      ...certificates.topic,
      ...gradersTopic(graders, host),
      ...lab.topic,
    },
    close: async () => {
      plans.interrupt();
      preview.close();
      await review.close();
      await certificates.close();
      await lab.close();
      await runner.close();
      keys.close();
    },
  };
}
