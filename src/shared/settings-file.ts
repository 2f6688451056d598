import { z } from 'zod';
import { outputFormats, zoneSources } from './protect-job.ts';
import { presets, searchMethods } from './settings.ts';

export const settingsFileFormat = 'medlocker-settings/1';

/** Settings of protect jobs to keep and to hand on: a preset and what was chosen over it, without folders, graders and keys. */
export const settingsFileSchema = z.strictObject({
  format: z.literal(settingsFileFormat),
  name: z.string().min(1).max(200),
  choice: z.strictObject({
    preset: z.enum(presets),
    seed: z.int().min(0).max(0xffff_ffff),
    text: z.string().min(1).max(120).optional(),
    marks: z.int().min(1).max(24).optional(),
    size: z.number().min(0.02).max(1).optional(),
    opacity: z.number().min(0).max(1).optional(),
    minPsnr: z.union([z.literal(0), z.number().min(10).max(60)]).optional(),
    rotation: z.number().min(-180).max(180).optional(),
    texture: z.number().min(0).max(0.5).optional(),
    search: z.enum(searchMethods).optional(),
    budget: z.int().min(1).max(100_000).optional(),
    pipelines: z.array(z.string().min(1).max(200)).min(1).max(32).optional(),
  }),
  zoneSource: z.enum(zoneSources),
  landmarks: z.boolean(),
  dilation: z.int().min(0).max(2000).nullable(),
  allowUnannotated: z.boolean(),
  outputFormat: z.enum(outputFormats),
  stripMetadata: z.boolean(),
  rights: z.string().max(2000),
});

export type SettingsFile = z.infer<typeof settingsFileSchema>;
