import type { EngineChannel } from '../../shared/contract/requests.ts';
import { appTopic } from './app-topic.ts';
import type { Topic, WindowHost } from './topic.ts';

export interface Topics {
  readonly handlers: Partial<Topic<EngineChannel>>;
  /** Ends what runs: jobs keep what is done and can be resumed. */
  close(): Promise<void>;
}

/** Everything the engine answers. */
export async function openTopics(_host: WindowHost): Promise<Topics> {
  return {
    handlers: { ...appTopic() },
    close: async () => undefined,
  };
}
