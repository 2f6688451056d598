import { z } from 'zod';
import { imageStages, imageStates, jobTotalsSchema } from '../job-events.ts';
import { outputFormats, zoneSources } from '../protect-job.ts';
import { protectSettings } from '../settings.ts';
import { settingsFileSchema } from '../settings-file.ts';
import { transferSummarySchema } from '../transfer.ts';
import { graderIdSchema } from './graders.ts';
import { handleIdSchema, pathHandleSchema, pictureSchema } from './handles.ts';
import { failureReplySchema } from './reply.ts';

export const jobIdSchema = handleIdSchema;

/** The mark's picture: the bundled logo, an own file, or none for text marks. */
const logoChoiceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('bundled') }),
  z.strictObject({ kind: z.literal('file'), file: handleIdSchema }),
  z.strictObject({ kind: z.literal('none') }),
]);

/** What a person chose on the Protect screen; src/shared/protect-job.ts is what the engine makes of it. */
export const protectChoiceSchema = z.strictObject({
  source: handleIdSchema,
  /** Null: `<source>-protected` beside the source. */
  out: handleIdSchema.nullable(),
  settings: protectSettings,
  logo: logoChoiceSchema,
  surrogates: z.array(graderIdSchema).min(1).max(32),
  victims: z.array(graderIdSchema).max(32),
  verifyPipelines: z.array(z.string().min(1).max(200)).min(1).max(32),
  labels: handleIdSchema.nullable(),
  annotations: handleIdSchema.nullable(),
  zoneSource: z.enum(zoneSources),
  allowUnannotated: z.boolean(),
  dilation: z.int().min(0).max(2000).nullable(),
  landmarks: z.boolean(),
  format: z.enum(outputFormats),
  stripMetadata: z.boolean(),
  rights: z.string().max(2000).nullable(),
  limit: z.int().min(1).nullable(),
});

const skippedSchema = z.strictObject({ path: z.string(), reason: z.string() });

/** Names of images only: quick also for 10,000 of them. */
const scanSchema = z.strictObject({
  source: pathHandleSchema,
  images: z.array(z.strictObject({ path: z.string(), bytes: z.number().min(0) })),
  skipped: z.array(skippedSchema),
  /** Where the output would go if nothing else is chosen. */
  suggestedOut: pathHandleSchema,
  /** Files in or beside the folder that look like labels or annotations. */
  labels: pathHandleSchema.nullable(),
  annotations: pathHandleSchema.nullable(),
  /** The output already holds a job of this program: starting goes on with it. */
  resumable: jobIdSchema.nullable(),
});

/** What the job would do; needs to protect one image in memory, so it takes seconds. */
const planSchema = z.strictObject({
  images: z.int(),
  finished: z.int(),
  skipped: z.array(skippedSchema),
  unreadable: z.array(skippedSchema),
  estimate: z.strictObject({ seconds: z.number().nullable(), bytes: z.number(), basis: z.string() }),
  freeBytes: z.number().nullable(),
  graders: z.array(z.string()),
  device: z.string(),
});

const jobStatusSchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('starting') }),
  z.strictObject({ status: z.literal('running') }),
  /** The image at work is finished first. */
  z.strictObject({ status: z.literal('pausing') }),
  z.strictObject({ status: z.literal('paused') }),
  z.strictObject({ status: z.literal('canceling') }),
  /** Cancelled, or cut short by a crash or the end of the program: both can be resumed. */
  z.strictObject({ status: z.literal('cancelled') }),
  z.strictObject({ status: z.literal('interrupted') }),
  z.strictObject({ status: z.literal('done') }),
  z.strictObject({ status: z.literal('failed'), failure: failureReplySchema }),
]);

export const jobSchema = z.strictObject({
  id: jobIdSchema,
  /** Name of the source folder. */
  title: z.string(),
  /** ISO 8601. */
  created: z.string(),
  source: pathHandleSchema,
  out: pathHandleSchema,
  state: jobStatusSchema,
  totals: jobTotalsSchema,
  /** Images finished, never falling. */
  finished: z.int().min(0),
  elapsedSeconds: z.number().min(0),
  etaSeconds: z.number().min(0).nullable(),
  /** The image at work. */
  current: z.strictObject({ path: z.string(), stage: z.enum(imageStages).nullable() }).nullable(),
  skipped: z.array(skippedSchema),
  reviewRequired: z.boolean(),
  /** How much it had to say: `jobs.notes` has the words. */
  notes: z.int().min(0),
  /** Present when the set certificate has been written. */
  summary: transferSummarySchema.nullable(),
});

export const jobItemSchema = z.strictObject({
  path: z.string(),
  state: z.enum([...imageStates, 'waiting']),
  reason: z.string().nullable(),
  code: z.string().nullable(),
  hint: z.string().nullable(),
  /** Of the protected image; null unless there is one. */
  thumbnail: pictureSchema.nullable(),
  /** A surrogate's class changed under the mark; null where nothing was measured. */
  changed: z.boolean().nullable(),
});

const byJob = z.strictObject({ job: jobIdSchema });

const sampleSetSchema = z.strictObject({
  source: pathHandleSchema,
  annotations: pathHandleSchema,
  labels: pathHandleSchema,
});

/** How the marks would look on one image, drawn small, with a short search: the job may place them elsewhere. */
const previewSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('preview'),
    before: pictureSchema,
    after: pictureSchema,
    /** Forbidden zone, transparent elsewhere. */
    zone: pictureSchema,
    marks: z.int(),
    missing: z.int(),
    psnr: z.number().nullable(),
    /** Share of the field of view under ink. */
    inkShare: z.number(),
    predictions: z.array(
      z.strictObject({ grader: z.string(), before: z.int(), after: z.int(), confidence: z.number() }),
    ),
    seconds: z.number(),
  }),
  z.strictObject({
    kind: z.literal('no-room'),
    before: pictureSchema,
    zone: pictureSchema,
    reason: z.string(),
  }),
]);

export const jobRequests = {
  'source.samples': { by: 'engine', input: z.strictObject({}), output: sampleSetSchema },
  'source.scan': { by: 'engine', input: z.strictObject({ source: handleIdSchema }), output: scanSchema },
  /** Small pictures of images of the source, for choosing one; asked for in pages. */
  'source.thumbnails': {
    by: 'engine',
    input: z.strictObject({ source: handleIdSchema, paths: z.array(z.string().max(4096)).max(64) }),
    output: z.array(z.strictObject({ path: z.string(), picture: pictureSchema.nullable() })),
  },
  /** A newer plan and any preview end it: it fails with the code `cancelled`. */
  'source.plan': { by: 'engine', input: protectChoiceSchema, output: planSchema },
  /** Keeps what was chosen on the Protect screen as a file, to use it again or to hand it on. */
  'settingsFile.save': {
    by: 'engine',
    input: z.strictObject({ file: handleIdSchema, settings: settingsFileSchema }),
    output: pathHandleSchema,
  },
  'settingsFile.load': {
    by: 'engine',
    input: z.strictObject({ file: handleIdSchema }),
    output: settingsFileSchema,
  },
  'logo.inspect': {
    by: 'engine',
    input: logoChoiceSchema,
    output: z.strictObject({
      picture: pictureSchema.nullable(),
      name: z.string(),
      opacityRule: z.string(),
      inkedShare: z.number(),
    }),
  },
  /** Newer previews of the same source end older ones: those fail with the code `cancelled`. */
  'preview.make': {
    by: 'engine',
    input: z.strictObject({ choice: protectChoiceSchema, path: z.string().max(4096) }),
    output: previewSchema,
  },
  /** Signs with the key; fails with `wrong-key` while it is locked. A job found in `out` is gone on with. */
  'jobs.start': {
    by: 'engine',
    input: z.strictObject({ choice: protectChoiceSchema, ownerKey: z.string(), reviewRequired: z.boolean() }),
    output: jobSchema,
  },
  'jobs.pause': { by: 'engine', input: byJob, output: jobSchema },
  'jobs.cancel': { by: 'engine', input: byJob, output: jobSchema },
  /** After a pause, a cancellation, a crash. */
  'jobs.resume': { by: 'engine', input: byJob, output: jobSchema },
  'jobs.retryFailed': { by: 'engine', input: byJob, output: jobSchema },
  /** Forgets the job; its files stay. */
  'jobs.discard': { by: 'engine', input: byJob, output: z.strictObject({}) },
  /** Newest first. */
  'jobs.list': { by: 'engine', input: z.strictObject({}), output: z.array(jobSchema) },
  'jobs.get': { by: 'engine', input: byJob, output: jobSchema },
  /** What to look at in the review, newest last; of very much only the latest. The report has all of it. */
  'jobs.notes': { by: 'engine', input: byJob, output: z.array(z.string()) },
  /** In the order of the source; a page of at most 500. */
  'jobs.items': {
    by: 'engine',
    input: z.strictObject({
      job: jobIdSchema,
      from: z.int().min(0),
      count: z.int().min(1).max(500),
      only: z.enum(['all', 'failed', 'no-room', 'done']),
    }),
    output: z.strictObject({ total: z.int(), items: z.array(jobItemSchema) }),
  },
} as const;

export type ProtectChoice = z.infer<typeof protectChoiceSchema>;
export type LogoChoice = z.infer<typeof logoChoiceSchema>;
export type SourceScan = z.infer<typeof scanSchema>;
export type JobPlan = z.infer<typeof planSchema>;
export type Job = z.infer<typeof jobSchema>;
export type JobStatus = z.infer<typeof jobStatusSchema>;
export type JobItem = z.infer<typeof jobItemSchema>;
export type Preview = z.infer<typeof previewSchema>;
export type SampleSet = z.infer<typeof sampleSetSchema>;
