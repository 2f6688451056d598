import { z } from 'zod';
import { handleIdSchema } from './handles.ts';
import { failureReplySchema } from './reply.ts';

/** What main sends to the engine process, one message each over the child's IPC. */
export const toEngineSchema = z.discriminatedUnion('kind', [
  /** First message. */
  z.strictObject({
    kind: z.literal('begin'),
    /** Folder of keys, jobs and lists; kept between starts. */
    data: z.string(),
    /** Folder of the pictures the protocol serves; emptied at a start. */
    pictures: z.string(),
    threads: z.int().min(1).max(256),
  }),
  /** A path that a dialog, a drop or the list of recent folders has given to the person. */
  z.strictObject({ kind: z.literal('grant'), id: handleIdSchema, path: z.string() }),
  z.strictObject({ kind: z.literal('threads'), threads: z.int().min(1).max(256) }),
  z.strictObject({
    kind: z.literal('request'),
    number: z.int().min(1),
    channel: z.string().max(100),
    input: z.json(),
  }),
  /** Path behind a handle that the engine made, for the file manager. */
  z.strictObject({ kind: z.literal('locate'), number: z.int().min(1), id: handleIdSchema }),
  /** Drop the image at work and end. */
  z.strictObject({ kind: z.literal('end') }),
]);

export const fromEngineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready'), node: z.string() }),
  z.strictObject({
    kind: z.literal('reply'),
    number: z.int().min(1),
    reply: z.union([
      z.strictObject({ ok: z.literal(true), value: z.json() }),
      z.strictObject({ ok: z.literal(false), failure: failureReplySchema }),
    ]),
  }),
  z.strictObject({ kind: z.literal('event'), name: z.string(), payload: z.json() }),
]);

export type ToEngine = z.infer<typeof toEngineSchema>;
export type FromEngine = z.infer<typeof fromEngineSchema>;
