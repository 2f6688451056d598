import { z } from 'zod';

/** How an image of a job ended. `kept`: it was done by an earlier run and its files are still what that run wrote. */
export const imageStates = ['done', 'kept', 'no-room', 'failed'] as const;

/** What is being done to an image, in this order. */
export const imageStages = ['read', 'zone', 'search', 'write', 'measure', 'certify'] as const;

const count = z.int().min(0);

export const jobTotalsSchema = z.strictObject({
  /** Images of this job or shard. */
  total: count,
  done: count,
  kept: count,
  noRoom: count,
  failed: count,
});

const jobEventBodies = [
  z.strictObject({
    kind: z.literal('job-started'),
    workflow: z.enum(['protect', 'verify', 'restore', 'segment']),
    total: count,
    /** Images that an earlier run of the same job has finished. */
    resumed: count,
    skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  }),
  z.strictObject({ kind: z.literal('image-started'), path: z.string() }),
  z.strictObject({ kind: z.literal('image-stage'), path: z.string(), stage: z.enum(imageStages) }),
  z.strictObject({
    kind: z.literal('image-finished'),
    path: z.string(),
    state: z.enum(imageStates),
    /** Why not, in one line; null for `done` and `kept`. */
    reason: z.string().nullable(),
    /** Code of the failure, see src/shared/failure.ts; null otherwise. */
    code: z.string().nullable(),
    seconds: z.number().min(0),
  }),
  z.strictObject({
    kind: z.literal('progress'),
    ...jobTotalsSchema.shape,
    /** Images finished, never falling. */
    finished: count,
    elapsedSeconds: z.number().min(0),
    /** Null until one image has been timed. */
    etaSeconds: z.number().min(0).nullable(),
  }),
  z.strictObject({ kind: z.literal('note'), message: z.string() }),
] as const;

export const jobEventBodySchema = z.discriminatedUnion('kind', jobEventBodies);

/** What a job tells while it runs: one JSON line each under `--json`. `sequence` counts from 1 without gaps. */
export const jobEventSchema = z.intersection(
  z.object({ job: z.string(), sequence: z.int().min(1) }),
  jobEventBodySchema,
);

export type JobTotals = z.infer<typeof jobTotalsSchema>;
export type ImageState = (typeof imageStates)[number];
export type ImageStage = (typeof imageStages)[number];
export type JobEventBody = z.infer<typeof jobEventBodySchema>;
export type JobEvent = { readonly job: string; readonly sequence: number } & JobEventBody;
