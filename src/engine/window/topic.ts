import type { EventName, EventPayload } from '../../shared/contract/events.ts';
import type { EngineChannel, RequestInput, RequestOutput } from '../../shared/contract/requests.ts';
import type { PathBook } from './path-book.ts';
import type { PictureStore } from './picture-store.ts';

type Handler<C extends EngineChannel> = (input: RequestInput<C>) => Promise<RequestOutput<C>>;

/** Answers to some of the window's requests. A Failure that is thrown becomes a failure in the reply, anything else a defect. */
export type Topic<C extends EngineChannel> = { readonly [K in C]: Handler<K> };

/** What every topic stands on: made once per engine process. */
export interface WindowHost {
  /** Folder of keys, jobs and lists, kept between starts; only this user can read it. */
  readonly data: string;
  readonly paths: PathBook;
  readonly pictures: PictureStore;
  /** Threads a grader may use, as the settings say now. */
  threads(): number;
  /** Tells every window. */
  emit<E extends EventName>(event: E, payload: EventPayload<E>): void;
}
