import { z } from 'zod';
import { boxSchema, pictureSchema } from './handles.ts';
import { jobIdSchema } from './jobs.ts';
import { placementSchema } from '../placement.ts';

export const decisionSchema = z.discriminatedUnion('decision', [
  z.strictObject({ decision: z.literal('open') }),
  z.strictObject({ decision: z.literal('approved') }),
  z.strictObject({ decision: z.literal('rejected'), reason: z.string().min(1).max(500) }),
]);

export const lesionClasses = [
  'lesion',
  'microaneurysm',
  'haemorrhage',
  'hard-exudate',
  'soft-exudate',
  'other',
] as const;

/** A box a clinician drew or an annotation gave: nothing may be marked on it. */
export const zoneBoxSchema = z.strictObject({ box: boxSchema, class: z.enum(lesionClasses) });

const reviewListEntrySchema = z.strictObject({
  path: z.string(),
  thumbnail: pictureSchema.nullable(),
  decision: decisionSchema,
  /** At least one grader's class changed under the mark. */
  changed: z.boolean().nullable(),
});

const predictionSchema = z.strictObject({
  grader: z.string(),
  role: z.enum(['surrogate', 'victim']),
  pipeline: z.string(),
  before: z.int(),
  after: z.int(),
  /** The same marks, plain, at random legal places. */
  control: z.int(),
  confidenceBefore: z.number().min(0).max(1),
  confidenceAfter: z.number().min(0).max(1),
});

const overlaysSchema = z.strictObject({
  zone: pictureSchema,
  marks: pictureSchema,
});

/** Everything the Review screen shows of one image. All coordinates are of the upright image. */
export const reviewItemSchema = z.strictObject({
  path: z.string(),
  before: pictureSchema,
  after: pictureSchema,
  /** White on transparent, to be coloured by the window. Null where the zone was not kept. */
  overlays: overlaysSchema.partial(),
  marks: z.array(placementSchema),
  /** What annotations and lesion network found, boxed; not to be edited. */
  lesions: z.array(zoneBoxSchema),
  /** Drawn by hand in this review: `review.setBoxes` replaces them. */
  boxes: z.array(zoneBoxSchema),
  disc: z.strictObject({ x: z.number(), y: z.number(), radius: z.number() }).nullable(),
  fovea: z.strictObject({ x: z.number(), y: z.number(), radius: z.number() }).nullable(),
  figures: z.strictObject({
    /** Inked pixels in the forbidden zone: always 0 in a certified image. */
    overlapPixels: z.int().min(0),
    /** Pixels between ink and the nearest forbidden pixel; null where nothing is forbidden. */
    clearance: z.number().nullable(),
    psnr: z.number().nullable(),
    ssim: z.number().nullable(),
    inkShare: z.number(),
  }),
  label: z.int().nullable(),
  predictions: z.array(predictionSchema),
  decision: decisionSchema,
  /** Changed by hand in this review: certified anew. */
  edited: z.boolean(),
});

const byItem = z.strictObject({ job: jobIdSchema, path: z.string().max(4096) });
const point = { x: z.int(), y: z.int() };

export const reviewRequests = {
  'review.list': {
    by: 'engine',
    input: z.strictObject({ job: jobIdSchema }),
    output: z.array(reviewListEntrySchema),
  },
  'review.item': { by: 'engine', input: byItem, output: reviewItemSchema },
  /** Where the middle of a mark may lie: a picture to light up (white on transparent), and how many places on a grid are legal. */
  'review.legalPlaces': {
    by: 'engine',
    input: byItem.extend({ mark: z.int().min(0) }),
    output: z.strictObject({ picture: pictureSchema, places: z.int().min(0) }),
  },
  /** The legal place nearest to where the top left corner of the mark is dragged; null when there is none. */
  'review.nearestPlace': {
    by: 'engine',
    input: byItem.extend({ mark: z.int().min(0), ...point }),
    output: z.strictObject(point).nullable(),
  },
  /** Moves a mark to a legal place, writes image, certificate and residual anew and measures. Fails with `usage` for an illegal place. */
  'review.moveMark': {
    by: 'engine',
    input: byItem.extend({ mark: z.int().min(0), ...point, ownerKey: z.string() }),
    output: reviewItemSchema,
  },
  'review.decide': {
    by: 'engine',
    input: byItem.extend({ decision: decisionSchema }),
    output: decisionSchema,
  },
  /** Replaces the hand-drawn boxes of an image. Marks that now lie on one make the image need a new run (`conflict`). */
  'review.setBoxes': {
    by: 'engine',
    input: byItem.extend({ boxes: z.array(zoneBoxSchema).max(500) }),
    output: z.strictObject({ boxes: z.array(zoneBoxSchema), conflict: z.boolean() }),
  },
} as const;

export type Decision = z.infer<typeof decisionSchema>;
export type ZoneBox = z.infer<typeof zoneBoxSchema>;
export type ReviewListEntry = z.infer<typeof reviewListEntrySchema>;
export type ReviewItem = z.infer<typeof reviewItemSchema>;
export type Prediction = z.infer<typeof predictionSchema>;
