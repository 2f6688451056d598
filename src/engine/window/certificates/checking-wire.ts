import { z } from 'zod';
import {
  checkingProgressSchema,
  restorationSchema,
  verificationSchema,
} from '../../../shared/contract/certificates.ts';
import { failureReplySchema } from '../../../shared/contract/reply.ts';

const trustedOwners = z.array(
  z.strictObject({ name: z.string(), publicKey: z.string(), keyId: z.string() }).readonly(),
);
/** The process opens key files itself: only the passphrase travels, over this channel alone. */
const keyFile = z.strictObject({ file: z.string(), passphrase: z.string() });

export const checkingTaskSchema = z.discriminatedUnion('work', [
  z.strictObject({
    work: z.literal('verify'),
    path: z.string(),
    residualExpected: z.boolean(),
    trustedOwners,
  }),
  z.strictObject({
    work: z.literal('restore'),
    path: z.string(),
    out: z.string(),
    access: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('owner'), key: keyFile }),
      z.strictObject({ kind: z.literal('licence'), licence: z.string(), key: keyFile }),
      z.strictObject({ kind: z.literal('passphrase'), licence: z.string(), passphrase: z.string() }),
    ]),
    trustedOwners,
  }),
]);

/** What the engine tells the process that verifies or restores. */
export const toCheckingProcessSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start'), task: checkingTaskSchema }),
  z.strictObject({ kind: z.literal('stop') }),
]);

export const checkedSchema = z.discriminatedUnion('work', [
  z.strictObject({ work: z.literal('verify'), verification: verificationSchema }),
  z.strictObject({ work: z.literal('restore'), images: restorationSchema.shape.images }),
]);

export const fromCheckingProcessSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('progress'), progress: checkingProgressSchema }),
  z.strictObject({ kind: z.literal('ended'), checked: checkedSchema }),
  z.strictObject({ kind: z.literal('failed'), failure: failureReplySchema }),
]);

export type CheckingTask = z.infer<typeof checkingTaskSchema>;
export type RestoreTask = Extract<CheckingTask, { work: 'restore' }>;
export type Checked = z.infer<typeof checkedSchema>;
export type ToCheckingProcess = z.infer<typeof toCheckingProcessSchema>;
export type FromCheckingProcess = z.infer<typeof fromCheckingProcessSchema>;
