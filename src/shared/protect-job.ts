import { z } from 'zod';
import { protectSettings } from './settings.ts';

export const outputFormats = ['png', 'tiff', 'webp'] as const;

/**
 * Who says where lesions are. `auto`: the annotations where there are some, else the lesion network; `grad-cam`: only where the first
 * surrogate looks; `union`: the network and whatever else is given.
 */
export const zoneSources = ['auto', 'network', 'annotations', 'grad-cam', 'union'] as const;

/** Everything a protect job is told, by the command line or the window; paths as given by the user. */
export const protectJobSchema = z.strictObject({
  source: z.string().min(1),
  out: z.string().min(1),
  settings: protectSettings,
  /** Logo file; needed unless the mark is text. */
  logo: z.string().min(1).nullable(),
  /** Grader files the search works against, and graders that only measure. */
  surrogates: z.array(z.string().min(1)).min(1),
  victims: z.array(z.string().min(1)),
  /** Consumer pipelines the effect is measured through. */
  verifyPipelines: z.array(z.string().min(1)).min(1),
  /** CSV with the columns file and grade. */
  labels: z.string().min(1).nullable(),
  /** Folder or file with lesion and landmark annotations. */
  annotations: z.string().min(1).nullable(),
  zoneSource: z.enum(zoneSources),
  /** Lesion network (.onnx) to use instead of the bundled one. */
  lesionNetwork: z.string().min(1).nullable(),
  /** Where the first surrogate looks is forbidden too: above a level of 0..255, or its hottest fraction; null leaves it out. */
  camThreshold: z
    .union([
      z.strictObject({ level: z.number().min(0).max(255) }),
      z.strictObject({ topFraction: z.number().min(0).max(1) }),
    ])
    .nullable(),
  /** Pixels by which lesions and landmarks are grown; null takes 1 % of the field's diameter. */
  dilation: z.int().min(0).max(2000).nullable(),
  /** Go on where the annotations say nothing about an image, instead of failing it. */
  allowUnannotated: z.boolean(),
  /** False leaves the optic disc and the fovea open unless annotations mark them. */
  landmarks: z.boolean(),
  format: z.enum(outputFormats),
  stripMetadata: z.boolean(),
  owner: z.string().max(200).nullable(),
  rights: z.string().max(2000).nullable(),
  threads: z.int().min(1).max(256),
  /** i/n */
  shard: z.string().nullable(),
  retryFailed: z.boolean(),
  limit: z.int().min(1).nullable(),
});

export type ProtectJob = z.infer<typeof protectJobSchema>;
