import type { EventName, EventPayload } from './events.ts';
import type { PathHandle } from './handles.ts';
import type { Reply } from './reply.ts';
import type { RequestChannel, RequestInput, RequestOutput } from './requests.ts';

/** `window.medlocker`: all that the page has of the outside. Both ways are parsed by the contract's schemas. */
export interface WindowBridge {
  /** Never rejects: a malformed answer or a gone engine is a failure in the reply. */
  request<C extends RequestChannel>(channel: C, input: RequestInput<C>): Promise<Reply<RequestOutput<C>>>;
  /** Returns how to stop listening. */
  on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void;
  /** Files and folders dropped on the window become handles; the page never learns how. */
  drop(files: readonly DroppedFile[]): Promise<Reply<readonly PathHandle[]>>;
}

/** A DOM `File`; src/shared knows no DOM. */
export type DroppedFile = object;

/** Name of the bridge on the page's global object. */
export const bridgeName = 'medlocker';
