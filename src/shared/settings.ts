import { z } from 'zod';

/** Names of the ways a search may choose placements (docs/methods.md). */
export const searchMethods = [
  'bayesian',
  'coarse-to-fine',
  'nearest-first',
  'basin-hopping-evolution',
  'differential-evolution',
  'random',
  'exhaustive',
] as const;

export const presets = ['published', 'balanced', 'mesh'] as const;

const fraction = z.number().min(0).max(1);

/** How a mark looks. */
export const markSettings = z.strictObject({
  /** `logo`: an image with transparency; `text`: one line of text; `tiled-text`: a text line repeated over the retina. */
  kind: z.enum(['logo', 'text', 'tiled-text']),
  text: z.string().min(1).max(120).default('PROTECTED'),
  /** How many marks to aim at; fewer are placed where they do not fit. */
  count: z.int().min(1).max(24),
  /** Longest side of a mark as a fraction of the field of view's diameter. */
  size: z.number().min(0.02).max(1),
  /** The smallest size the job may shrink a mark to before it reports "no room". */
  minimumSize: z.number().min(0.02).max(1),
  /** Degrees, clockwise. */
  rotation: z.number().min(-180).max(180).default(0),
  /** Cap of the opacity, 0..1; rounded to a/255. */
  opacity: fraction,
  /** Lower bound the search may go to; equal to `opacity` keeps it fixed. `minimumPsnr` may go below it. */
  minimumOpacity: fraction,
  /** PSNR in dB the protected image keeps by weakening the ink (never below an opacity of 0.2); null leaves it open. */
  minimumPsnr: z.number().min(10).max(60).nullable(),
  /** Amplitude of the ink texture around the ink's colour, as a fraction of the sample range; 0 = plain ink. */
  texture: z.number().min(0).max(0.5),
});

/** How placements are searched. */
export const searchSettings = z.strictObject({
  method: z.enum(searchMethods),
  /** Most forwards + 2 x gradients an image may cost, for each surrogate. */
  budget: z.int().min(1).max(100_000),
  /** Steps of the ink texture's optimisation; 0 leaves the ink plain. */
  textureSteps: z.int().min(0).max(500),
  /** Consumer pipelines (imaging/pipelines.ts grammar) the objective is the expectation over. */
  pipelines: z.array(z.string().min(1)).min(1),
});

/** Everything that decides what a protected image looks like, besides the image, the logo, the surrogates and the zone. */
export const protectSettings = z.strictObject({
  preset: z.enum(presets),
  seed: z.int().min(0).max(0xffff_ffff),
  mark: markSettings,
  search: searchSettings,
});

export type MarkSettings = z.infer<typeof markSettings>;
export type SearchSettings = z.infer<typeof searchSettings>;
export type ProtectSettings = z.infer<typeof protectSettings>;
export type SearchMethod = (typeof searchMethods)[number];
export type Preset = (typeof presets)[number];
