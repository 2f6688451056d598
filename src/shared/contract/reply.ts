import { z } from 'zod';

/** What went wrong, for people: see src/shared/failure.ts. `engine-gone` and `defect` are codes of the window's own. */
export const failureReplySchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
});

/** Every request is answered: with its value, or with a failure. Nothing is thrown across processes. */
export function replySchema<T extends z.ZodType>(value: T) {
  return z.discriminatedUnion('ok', [
    z.strictObject({ ok: z.literal(true), value }),
    z.strictObject({ ok: z.literal(false), failure: failureReplySchema }),
  ]);
}

export type FailureReply = z.infer<typeof failureReplySchema>;
export type Reply<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: FailureReply };
