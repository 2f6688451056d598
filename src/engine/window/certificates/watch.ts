import type { JobListener } from '../../jobs/event-stream.ts';

/** How a workflow is listened to and ended. */
export interface Watch {
  readonly listen: JobListener;
  readonly signal: AbortSignal;
}
