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

export const setTaskSchema = z.discriminatedUnion('work', [
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
  z.strictObject({
    work: z.literal('certify'),
    out: z.string(),
    key: keyFile,
    reviewRequired: z.boolean(),
    skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  }),
]);

/** What the engine tells the process that verifies, restores or signs. */
export const toSetProcessSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start'), task: setTaskSchema }),
  z.strictObject({ kind: z.literal('stop') }),
]);

export const setResultSchema = z.discriminatedUnion('work', [
  z.strictObject({ work: z.literal('verify'), verification: verificationSchema }),
  z.strictObject({ work: z.literal('restore'), images: restorationSchema.shape.images }),
  z.strictObject({
    work: z.literal('certify'),
    manifest: z.string(),
    images: z.int().min(0),
    leftOut: z.int().min(0),
    merkleRoot: z.string(),
  }),
]);

export const fromSetProcessSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('progress'), progress: checkingProgressSchema }),
  z.strictObject({ kind: z.literal('ended'), result: setResultSchema }),
  z.strictObject({ kind: z.literal('failed'), failure: failureReplySchema }),
]);

export type SetTask = z.infer<typeof setTaskSchema>;
export type CertifyTask = Extract<SetTask, { work: 'certify' }>;
export type RestoreTask = Extract<SetTask, { work: 'restore' }>;
export type SetResult = z.infer<typeof setResultSchema>;
export type ToSetProcess = z.infer<typeof toSetProcessSchema>;
export type FromSetProcess = z.infer<typeof fromSetProcessSchema>;
