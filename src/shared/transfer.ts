import { z } from 'zod';

/** Whether a grader took part in the search (`surrogate`) or only measures it (`victim`). */
export const graderRoles = ['surrogate', 'victim'] as const;
export type GraderRole = (typeof graderRoles)[number];

/** What a grader says about one image: its class (largest logit, lowest class at a tie) and the logits behind it. */
export const graderAnswerSchema = z.strictObject({
  class: z.int().min(0),
  /** Rounded to 6 significant digits: this record is stored for every image of a job. */
  logits: z.array(z.number()).min(1),
});

/** The three answers of one grader behind one consumer pipeline. */
export const pipelineAnswersSchema = z.strictObject({
  pipeline: z.string().min(1),
  clean: graderAnswerSchema,
  protected: graderAnswerSchema,
  /** The same marks, plain, at random legal places. */
  control: graderAnswerSchema,
});

export const graderTransferSchema = z.strictObject({
  graderId: z.string().min(1),
  grader: z.string().min(1),
  role: z.enum(graderRoles),
  /** The class the answers are compared with. */
  reference: z.int().min(0),
  /** `label`: from the label file; `clean-answer`: the grader's own answer to the untouched image. */
  referenceSource: z.enum(['label', 'clean-answer']),
  /** The answer to the untouched image, squeezed to the grader's input and nothing else. */
  direct: graderAnswerSchema,
  /** `direct` equals `reference`: only such images count for attack success. */
  cleanCorrect: z.boolean(),
  pipelines: z.array(pipelineAnswersSchema).min(1),
});

/** What all graders answer about one image: a small JSON record, one per image in the journal. */
export const imageTransferSchema = z.strictObject({
  label: z.int().min(0).nullable(),
  graders: z.array(graderTransferSchema),
});

/** k of n with its 95 % Wilson score interval; `rate` is null and the interval [0, 1] where nothing was counted. */
export const rateSchema = z.strictObject({
  k: z.int().min(0),
  n: z.int().min(0),
  rate: z.number().min(0).max(1).nullable(),
  low: z.number().min(0).max(1),
  high: z.number().min(0).max(1),
});

/** A difference of two rates on the same images, with the 95 % interval of a bootstrap over images. */
export const differenceSchema = z.strictObject({ difference: z.number(), low: z.number(), high: z.number() });

/**
 * How a figure may be read. `holds`: its interval lies above both comparisons; `not-above-control`: it overlaps the
 * interval of the same marks at random places; `at-noise-floor`: it overlaps what a pipeline changes without any mark.
 */
export const verdicts = ['holds', 'not-above-control', 'at-noise-floor', 'not-measurable'] as const;
export type Verdict = (typeof verdicts)[number];

/** Quality of the answers against labels; null where it is not defined (one class only, not a five-class grader). */
export const gradingQualitySchema = z.strictObject({
  balancedAccuracy: z.number().nullable(),
  quadraticKappa: z.number().nullable(),
  referableAuc: z.number().nullable(),
});

const threeRates = z.strictObject({ clean: rateSchema, protected: rateSchema, control: rateSchema });

/** One grader (or all graders of a role, pooled) behind one pipeline. */
export const transferRowSchema = z.strictObject({
  scope: z.enum(['grader', 'pooled']),
  role: z.enum(graderRoles),
  /** Null for a pooled row. */
  grader: z.string().nullable(),
  graderId: z.string().nullable(),
  /** How many graders the row counts; in a pooled row every image is counted once per grader. */
  graders: z.int().min(1),
  pipeline: z.string(),
  images: z.int().min(0),
  /** Answers equal to the reference, over all images; `accuracy` against labels, else agreement with the own clean answer. */
  match: threeRates.extend({ kind: z.enum(['accuracy', 'agreement', 'mixed']) }),
  /** Answers that differ from the reference, over the images answered correctly clean. */
  attack: z.strictObject({
    protected: rateSchema,
    control: rateSchema,
    /** What the pipeline alone changes, no mark at all; 0 by definition for `direct`. */
    noiseFloor: rateSchema,
    /** protected - control; null where nothing was counted. */
    advantage: differenceSchema.nullable(),
  }),
  /** Of the same images: answers on the other side of grade 2 than the reference. Null unless the graders have five classes. */
  referable: z
    .strictObject({ protected: rateSchema, control: rateSchema, noiseFloor: rateSchema })
    .nullable(),
  /** Present for single graders when every image has a label. */
  quality: z
    .strictObject({
      clean: gradingQualitySchema,
      protected: gradingQualitySchema,
      control: gradingQualitySchema,
    })
    .nullable(),
  verdict: z.enum(verdicts),
});

export const transferSummarySchema = z.strictObject({
  images: z.int().min(0),
  labelled: z.int().min(0),
  /** The largest class among the labels: what always answering that class would score. */
  majority: z.strictObject({ class: z.int().min(0), share: rateSchema }).nullable(),
  pipelines: z.array(z.string()),
  /** Per grader and pipeline, then pooled per role and pipeline. */
  rows: z.array(transferRowSchema),
  /** What a reader has to know beside the figures, one sentence each. */
  notes: z.array(z.string()),
});

export type GraderAnswer = z.infer<typeof graderAnswerSchema>;
export type PipelineAnswers = z.infer<typeof pipelineAnswersSchema>;
export type GraderTransfer = z.infer<typeof graderTransferSchema>;
export type ImageTransfer = z.infer<typeof imageTransferSchema>;
export type Rate = z.infer<typeof rateSchema>;
export type Difference = z.infer<typeof differenceSchema>;
export type GradingQuality = z.infer<typeof gradingQualitySchema>;
export type TransferRow = z.infer<typeof transferRowSchema>;
export type TransferSummary = z.infer<typeof transferSummarySchema>;
