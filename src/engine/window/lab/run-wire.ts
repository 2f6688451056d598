import { z } from 'zod';
import { failureReplySchema } from '../../../shared/contract/reply.ts';
import { runSchema } from '../../../shared/contract/lab.ts';

const point = z.strictObject({ x: z.number(), y: z.number().nullable() });
const seriesHead = runSchema.shape.series.element.omit({ points: true });
const table = runSchema.shape.tables.element;

/** What a run tells while it goes on. */
export const toldSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('progress'),
    /** 0..1; null while unknown. */
    share: z.number().min(0).max(1).nullable(),
    etaSeconds: z.number().min(0).nullable(),
  }),
  /** Replaces the figure of the same name. */
  z.strictObject({ kind: z.literal('metric'), name: z.string(), value: z.number().nullable() }),
  /** Appends to the series of the same name, in place of the points it has from there on, or begins it. */
  z.strictObject({ kind: z.literal('point'), series: seriesHead, point }),
  /** Replaces the table of the same title. */
  z.strictObject({ kind: z.literal('table'), table }),
  z.strictObject({ kind: z.literal('note'), text: z.string() }),
  /** A grader has come out of the run and belongs into the list of graders. */
  z.strictObject({ kind: z.literal('grader'), file: z.string() }),
]);

export type Told = z.infer<typeof toldSchema>;
export type Tell = (told: Told) => void;

/** What the engine tells the process of a run. */
export const toRunProcessSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('start'),
    run: z.string(),
    settings: z.record(z.string(), z.json()),
    folder: z.string(),
    threads: z.int().min(1).max(256),
  }),
  z.strictObject({ kind: z.literal('cancel') }),
]);

export const fromRunProcessSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('told'), told: toldSchema }),
  z.strictObject({ kind: z.literal('ended'), outcome: z.enum(['done', 'cancelled']) }),
  z.strictObject({ kind: z.literal('failed'), failure: failureReplySchema }),
]);

export type ToRunProcess = z.infer<typeof toRunProcessSchema>;
export type FromRunProcess = z.infer<typeof fromRunProcessSchema>;
