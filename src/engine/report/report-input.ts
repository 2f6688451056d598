import { z } from 'zod';
import { protectSettings } from '../../shared/settings.ts';
import { graderRoles, imageTransferSchema } from '../../shared/transfer.ts';

/** A grader as the report names it. */
export const reportGraderSchema = z.strictObject({
  /** SHA-256 of the model file. */
  id: z.string().min(1),
  name: z.string().min(1),
  role: z.enum(graderRoles),
  kind: z.enum(['onnx', 'tfjs']),
  classes: z.int().min(1),
  inputWidth: z.int().min(1),
  inputHeight: z.int().min(1),
  device: z.string(),
});

const protectedImageSchema = z.strictObject({
  status: z.literal('protected'),
  /** Path relative to the protected folder, with forward slashes. */
  name: z.string().min(1),
  width: z.int().min(1),
  height: z.int().min(1),
  /** Marks placed, and how many of the asked ones found no place. */
  marks: z.int().min(1),
  missing: z.int().min(0),
  /** Longest side of a mark as a fraction of the field's diameter, after any shrinking. */
  markSize: z.number().positive(),
  /** Silhouette as a fraction of the field of view, 0..1. */
  inkShare: z.number().min(0).max(1),
  /** dB over the whole image; null where nothing changed. */
  psnr: z.number().nullable(),
  ssim: z.number().nullable(),
  /** Pixels of the silhouette inside the forbidden zone. */
  overlap: z.int().min(0),
  /** Pixels between the silhouette and the nearest forbidden one; null where nothing is forbidden. */
  clearance: z.number().min(0).nullable(),
  /** Where the forbidden zone came from, for example `annotation`, `grad-cam`. */
  zoneKinds: z.array(z.string()),
  /** Why the lesion network was unsure of this image; none in journals from before it was kept. */
  zoneDoubts: z.array(z.string()).default([]),
  queries: z.strictObject({ forwards: z.int().min(0), gradients: z.int().min(0) }),
  seconds: z.number().min(0),
  /** Null where no transfer was measured for this image. */
  transfer: imageTransferSchema.nullable(),
});

const leftImageSchema = z.strictObject({
  status: z.enum(['no-room', 'failed', 'skipped']),
  name: z.string().min(1),
  reason: z.string(),
  /** A FailureCode where there is one. */
  code: z.string().nullable(),
  hint: z.string().nullable(),
});

export const reportImageSchema = z.discriminatedUnion('status', [protectedImageSchema, leftImageSchema]);

/** Everything a report states; the job fills it, `writeReport` turns it into three files. */
export const reportInputSchema = z.strictObject({
  /** Heading: the name of the protected folder. */
  title: z.string().min(1),
  /** ISO 8601, given by the job so that a resumed job writes identical bytes. */
  createdAt: z.string().min(1),
  version: z.string().min(1),
  /** Engines and libraries that ran, name to version. */
  versions: z.record(z.string(), z.string()),
  settings: protectSettings,
  settingsSha256: z.string().nullable(),
  /** Name and SHA-256 of the logo file; null for text marks. */
  logo: z.strictObject({ name: z.string(), sha256: z.string() }).nullable(),
  graders: z.array(reportGraderSchema),
  /** The network that found lesions, where the job asks one: `sha256` is over network and card. */
  lesionNetwork: z.strictObject({ name: z.string(), sha256: z.string(), bundled: z.boolean() }).nullable(),
  /** Consumer pipelines the transfer was measured through. */
  pipelines: z.array(z.string()),
  /** Owner's key fingerprint and Merkle root of the set certificate, when written. */
  certificate: z.strictObject({ signer: z.string(), root: z.string() }).nullable(),
  /** In the order they are listed. */
  images: z.array(reportImageSchema),
});

export type ReportGrader = z.infer<typeof reportGraderSchema>;
export type ReportImage = z.infer<typeof reportImageSchema>;
export type ProtectedReportImage = z.infer<typeof protectedImageSchema>;
export type LeftReportImage = z.infer<typeof leftImageSchema>;
export type ReportInput = z.infer<typeof reportInputSchema>;
