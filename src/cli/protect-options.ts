import { availableParallelism } from 'node:os';
import { protectJobSchema, type ProtectJob } from '../shared/protect-job.ts';
import { chosenSettings, defaultVerifyPipelines } from '../shared/chosen-settings.ts';
import type { Preset, SearchMethod } from '../shared/settings.ts';
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

/** @throws Failure usage naming the setting that does not fit */
export function protectJobOf(source: string, options: ProtectOptions): ProtectJob {
  const settings = chosenSettings({ ...options, pipelines: options.pipeline });
  const parsed = protectJobSchema.safeParse({
    source,
    out: options.out,
    settings,
    logo: settings.mark.kind === 'logo' ? (options.logo ?? null) : null,
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
