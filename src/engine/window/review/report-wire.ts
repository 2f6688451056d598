import { z } from 'zod';
import { failureReplySchema } from '../../../shared/contract/reply.ts';

/** What the engine tells the process that writes a report anew. */
export const toReportProcessSchema = z.strictObject({
  kind: z.literal('start'),
  out: z.string(),
  reviewRequired: z.boolean(),
  skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
});

export const fromReportProcessSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ended') }),
  z.strictObject({ kind: z.literal('failed'), failure: failureReplySchema }),
]);

export type ToReportProcess = z.infer<typeof toReportProcessSchema>;
export type FromReportProcess = z.infer<typeof fromReportProcessSchema>;
