import { availableParallelism } from 'node:os';
import { protectJobSchema, type ProtectJob } from '../shared/protect-job.ts';
import { presetSettings } from '../shared/presets.ts';
import type { MarkSettings, Preset, SearchMethod, SearchSettings } from '../shared/settings.ts';
import { Failure } from '../shared/failure.ts';
import type { CamThresholdOption } from './option-values.ts';

/** The options of `protect` and `plan` as commander gives them. */
export interface ProtectOptions {
  readonly out: string;
  readonly logo?: string;
  readonly text?: string;
  readonly surrogate: string[];
  readonly victim?: string[];
  readonly preset: Preset;
  readonly marks?: number;
  readonly size?: number;
  readonly opacity?: number;
  readonly minPsnr?: number;
  readonly rotation?: number;
  readonly texture?: number;
  readonly search?: SearchMethod;
  readonly budget?: number;
  readonly pipeline?: string[];
  readonly verifyPipeline?: string[];
  readonly labels?: string;
  readonly annotations?: string;
  readonly allowUnannotated?: boolean;
  readonly zone: ProtectJob['zoneSource'];
  readonly lesionNetwork?: string;
  readonly camThreshold?: CamThresholdOption;
  readonly dilation?: number;
  readonly landmarks: boolean;
  readonly format: 'png' | 'tiff' | 'webp';
  readonly stripMetadata?: boolean;
  readonly seed: number;
  readonly ownerKey?: string;
  readonly passphraseFile?: string;
  readonly owner?: string;
  readonly rights?: string;
  readonly threads?: number;
  readonly shard?: string;
  readonly retryFailed?: boolean;
  readonly limit?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What is measured where the user names no pipelines: nothing, a typical JPEG, another size, a small preview. */
const defaultVerifyPipelines = ['direct', 'jpeg:75', 'resize:299', 'resize:50%'];

/** @throws Failure usage naming the setting that does not fit */
export function protectJobOf(source: string, options: ProtectOptions): ProtectJob {
  const base = presetSettings(options.preset);
  const mark = markOf(base.mark, options);
  const parsed = protectJobSchema.safeParse({
    source,
    out: options.out,
    settings: { preset: options.preset, seed: options.seed, mark, search: searchOf(base.search, options) },
    logo: mark.kind === 'logo' ? (options.logo ?? null) : null,
    surrogates: options.surrogate,
    victims: options.victim ?? [],
    verifyPipelines: options.verifyPipeline ?? defaultVerifyPipelines,
    labels: options.labels ?? null,
    annotations: options.annotations ?? null,
    allowUnannotated: options.allowUnannotated ?? false,
    zoneSource: options.zone,
    lesionNetwork: options.lesionNetwork ?? null,
    camThreshold: options.camThreshold ?? null,
    dilation: options.dilation ?? null,
    landmarks: options.landmarks,
    format: options.format,
    stripMetadata: options.stripMetadata ?? false,
    owner: options.owner ?? null,
    rights: options.rights ?? null,
    threads: options.threads ?? availableParallelism(),
    shard: options.shard ?? null,
    retryFailed: options.retryFailed ?? false,
    limit: options.limit ?? null,
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? 'settings';
  throw new Failure('usage', `${where}: ${issue?.message ?? 'not usable'}`, {
    subject: where,
    hint: 'See medlocker protect --help.',
  });
}

function markOf(base: MarkSettings, options: ProtectOptions): MarkSettings {
  const size = options.size ?? base.size;
  const opacity = options.opacity ?? base.opacity;
  const fixedOpacity = base.minimumOpacity === base.opacity;
  const isText = options.text !== undefined && base.kind === 'logo';
  return {
    ...base,
    kind: isText ? 'text' : base.kind,
    text: options.text ?? base.text,
    count: options.marks ?? base.count,
    size,
    minimumSize: Math.min(base.minimumSize, size),
    rotation: options.rotation ?? base.rotation,
    opacity,
    minimumOpacity: fixedOpacity ? opacity : Math.min(base.minimumOpacity, opacity),
    minimumPsnr: options.minPsnr === undefined ? base.minimumPsnr : options.minPsnr || null,
    texture: options.texture ?? base.texture,
  };
}

function searchOf(base: SearchSettings, options: ProtectOptions): SearchSettings {
  const texture = options.texture ?? (base.textureSteps > 0 ? 1 : 0);
  return {
    ...base,
    method: options.search ?? base.method,
    budget: options.budget ?? base.budget,
    textureSteps: texture === 0 ? 0 : base.textureSteps > 0 ? base.textureSteps : 24,
    pipelines: options.pipeline ?? base.pipelines,
  };
}
