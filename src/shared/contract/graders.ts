import { z } from 'zod';
import { handleIdSchema, pictureSchema } from './handles.ts';

/** `bundled:demo-resnet.onnx` or `own:<hash>`: stable over restarts. */
export const graderIdSchema = z.string().min(1).max(200);

export const listedGraderSchema = z.strictObject({
  id: graderIdSchema,
  name: z.string(),
  source: z.enum(['bundled', 'imported', 'trained']),
  usable: z.boolean(),
  /** onnx or tfjs; null where it cannot be used. */
  kind: z.string().nullable(),
  inputWidth: z.int().nullable(),
  inputHeight: z.int().nullable(),
  classes: z.int().nullable(),
  /** SHA-256 of the model. */
  sha256: z.string().nullable(),
  /** Device that runs it, or why it cannot be used. */
  reason: z.string(),
  /** Figures of its card, where one lies beside it, with 95 % intervals; `low` and `high` null where not stated. */
  metrics: z.array(
    z.strictObject({
      name: z.string(),
      value: z.number().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
  ),
});

const factSchema = z.strictObject({
  name: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
});

const nothing = z.strictObject({});

export const graderRequests = {
  'graders.list': { by: 'engine', input: nothing, output: z.array(listedGraderSchema) },
  'graders.import': {
    by: 'engine',
    input: z.strictObject({ file: handleIdSchema }),
    output: listedGraderSchema,
  },
  /** Forgets an imported grader; the file stays where it is. */
  'graders.remove': { by: 'engine', input: z.strictObject({ grader: graderIdSchema }), output: nothing },
  'graders.inspect': {
    by: 'engine',
    input: z.strictObject({ grader: graderIdSchema }),
    output: z.strictObject({ facts: z.array(factSchema) }),
  },
  /** What the grader sees of some images of a folder, after its own preprocessing, and what it answers. */
  'graders.preview': {
    by: 'engine',
    input: z.strictObject({
      grader: graderIdSchema,
      /** A folder; null takes the sample set. */
      folder: handleIdSchema.nullable(),
      images: z.int().min(1).max(8),
    }),
    output: z.array(
      z.strictObject({
        name: z.string(),
        seen: pictureSchema,
        answer: z.int(),
        /** Softmax, one per class. */
        probabilities: z.array(z.number()),
      }),
    ),
  },
} as const;

export type ListedGrader = z.infer<typeof listedGraderSchema>;
