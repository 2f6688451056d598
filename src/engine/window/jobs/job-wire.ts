import { z } from 'zod';
import { failureReplySchema } from '../../../shared/contract/reply.ts';
import { jobEventSchema } from '../../../shared/job-events.ts';
import { protectJobSchema } from '../../../shared/protect-job.ts';

/** What the engine tells the process that works on one job. */
export const toJobProcessSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('start'),
    job: protectJobSchema,
    /** The process opens the key file itself: only the passphrase travels, over this channel alone. */
    owner: z.strictObject({ file: z.string(), passphrase: z.string() }),
    /** False leaves the set certificate to a later step, after the review. */
    certifiesSet: z.boolean(),
  }),
  /** The image at work is finished first. */
  z.strictObject({ kind: z.literal('pause') }),
  z.strictObject({ kind: z.literal('resume') }),
  z.strictObject({ kind: z.literal('cancel') }),
]);

export const fromJobProcessSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('event'), event: jobEventSchema }),
  /** Nothing is worked on until `resume`. */
  z.strictObject({ kind: z.literal('paused') }),
  z.strictObject({ kind: z.literal('ended'), outcome: z.enum(['complete', 'with-failures', 'cancelled']) }),
  z.strictObject({ kind: z.literal('failed'), failure: failureReplySchema }),
]);

export type ToJobProcess = z.infer<typeof toJobProcessSchema>;
export type FromJobProcess = z.infer<typeof fromJobProcessSchema>;
