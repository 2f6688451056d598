import type { JobEvent, JobEventBody } from '../../shared/job-events.ts';

export type JobListener = (event: JobEvent) => void;
export type Emit = (body: JobEventBody) => void;

/** Numbers the events of one job from 1, without gaps, and hands them on. */
export function eventStream(job: string, listener: JobListener): Emit {
  let sequence = 0;
  return (body) => {
    sequence += 1;
    listener({ job, sequence, ...body });
  };
}
