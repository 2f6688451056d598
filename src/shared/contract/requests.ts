import type { z } from 'zod';
import { appRequests } from './app.ts';
import { certificateRequests } from './certificates.ts';
import { graderRequests } from './graders.ts';
import { jobRequests } from './jobs.ts';
import { labRequests } from './lab.ts';
import { reviewRequests } from './review.ts';

/** Everything the window can ask for: input and output schema, and which process answers. There is no other channel. */
export const requests = {
  ...appRequests,
  ...graderRequests,
  ...jobRequests,
  ...reviewRequests,
  ...certificateRequests,
  ...labRequests,
} as const;

type Requests = typeof requests;

export type RequestChannel = keyof Requests;
export type RequestInput<C extends RequestChannel> = z.infer<Requests[C]['input']>;
export type RequestOutput<C extends RequestChannel> = z.infer<Requests[C]['output']>;

export type EngineChannel = {
  [C in RequestChannel]: Requests[C]['by'] extends 'engine' ? C : never;
}[RequestChannel];
export type MainChannel = Exclude<RequestChannel, EngineChannel>;

/** True for own names of the contract only: never for `constructor` or `__proto__`. */
export function isRequestChannel(name: unknown): name is RequestChannel {
  return typeof name === 'string' && Object.hasOwn(requests, name);
}
