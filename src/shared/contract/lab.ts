import { z } from 'zod';
import { rateSchema } from '../transfer.ts';
import { handleIdSchema, pathHandleSchema } from './handles.ts';
import { jobIdSchema } from './jobs.ts';
import { failureReplySchema } from './reply.ts';

/** A kind of run the engine offers; the window draws its form from the JSON schema, so that new kinds need no new screen. */
const runKindSchema = z.strictObject({
  kind: z.string(),
  title: z.string(),
  description: z.string(),
  /**
   * JSON Schema (2020-12) of an object. Properties with `format` "folder-handle", "file-handle", "grader" or "job" take
   * an id of that sort; `default` prefills.
   */
  settings: z.record(z.string(), z.json()),
  /** Null, or why this machine cannot run it. */
  unavailable: z.string().nullable(),
});

const seriesSchema = z.strictObject({
  name: z.string(),
  xLabel: z.string(),
  yLabel: z.string(),
  points: z.array(z.strictObject({ x: z.number(), y: z.number().nullable() })),
});

const cellSchema = z.union([z.string(), z.number(), z.null()]);

const tableSchema = z.strictObject({
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(cellSchema)),
});

export const runSchema = z.strictObject({
  id: handleIdSchema,
  kind: z.string(),
  title: z.string(),
  created: z.string(),
  settings: z.record(z.string(), z.json()),
  state: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('running') }),
    z.strictObject({ status: z.literal('canceling') }),
    z.strictObject({ status: z.literal('cancelled') }),
    z.strictObject({ status: z.literal('done') }),
    z.strictObject({ status: z.literal('failed'), failure: failureReplySchema }),
  ]),
  /** 0..1; null while unknown. */
  progress: z.number().min(0).max(1).nullable(),
  etaSeconds: z.number().min(0).nullable(),
  /** Latest figures by name. */
  metrics: z.array(z.strictObject({ name: z.string(), value: z.number().nullable() })),
  series: z.array(seriesSchema),
  tables: z.array(tableSchema),
  notes: z.array(z.string()),
  out: pathHandleSchema.nullable(),
  /** Cut short, cancelled or failed, and of a kind that goes on where it stopped. */
  resumable: z.boolean(),
});

/** One grader behind one pipeline: how often the answer changed under the mark. */
const matrixCellSchema = z.strictObject({
  grader: z.string(),
  role: z.enum(['surrogate', 'victim']),
  pipeline: z.string(),
  protected: rateSchema,
  control: rateSchema,
  noiseFloor: rateSchema,
  verdict: z.string(),
});

const nothing = z.strictObject({});
const byRun = z.strictObject({ run: handleIdSchema });

export const labRequests = {
  'lab.kinds': { by: 'engine', input: nothing, output: z.array(runKindSchema) },
  'lab.start': {
    by: 'engine',
    input: z.strictObject({ kind: z.string().max(100), settings: z.record(z.string(), z.json()) }),
    output: runSchema,
  },
  'lab.cancel': { by: 'engine', input: byRun, output: runSchema },
  /** Goes on with a run that is resumable, with the settings it was started with. */
  'lab.resume': { by: 'engine', input: byRun, output: runSchema },
  'lab.list': { by: 'engine', input: nothing, output: z.array(runSchema) },
  'lab.get': { by: 'engine', input: byRun, output: runSchema },
  /** Forgets a run that has ended and deletes its folder; fails with `usage` while a grader of it is in the list. */
  'lab.remove': { by: 'engine', input: byRun, output: nothing },
  'lab.export': {
    by: 'engine',
    input: z.strictObject({ run: handleIdSchema, format: z.enum(['csv', 'json']), file: handleIdSchema }),
    output: pathHandleSchema,
  },
  'lab.transferMatrix': {
    by: 'engine',
    input: z.strictObject({ job: jobIdSchema }),
    output: z.strictObject({
      graders: z.array(z.strictObject({ name: z.string(), role: z.enum(['surrogate', 'victim']) })),
      pipelines: z.array(z.string()),
      cells: z.array(matrixCellSchema),
      notes: z.array(z.string()),
    }),
  },
  /** The images behind a cell, by outcome. */
  'lab.cellImages': {
    by: 'engine',
    input: z.strictObject({ job: jobIdSchema, grader: z.string(), pipeline: z.string() }),
    output: z.array(
      z.strictObject({
        path: z.string(),
        reference: z.int(),
        clean: z.int(),
        protected: z.int(),
        control: z.int(),
        counted: z.boolean(),
      }),
    ),
  },
} as const;

export type RunKind = z.infer<typeof runKindSchema>;
export type LabRun = z.infer<typeof runSchema>;
export type RunSeries = z.infer<typeof seriesSchema>;
export type RunTable = z.infer<typeof tableSchema>;
export type MatrixCell = z.infer<typeof matrixCellSchema>;
