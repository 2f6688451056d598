import {
  chosenSettings,
  defaultVerifyPipelines,
  type SettingsChoice,
} from '../../../shared/chosen-settings.ts';
import type { PathHandle } from '../../../shared/contract/handles.ts';
import type { LogoChoice, ProtectChoice, SourceScan } from '../../../shared/contract/jobs.ts';
import type { FailureReply } from '../../../shared/contract/reply.ts';
import { presetSettings } from '../../../shared/presets.ts';
import type { Preset } from '../../../shared/settings.ts';
import { settingsFileFormat, type SettingsFile } from '../../../shared/settings-file.ts';
import { ask } from '../../state/ask.ts';
import { GraderRoles } from './grader-roles.svelte.ts';

export type MarkSource = 'bundled' | 'file' | 'text';
type Overrides = Omit<SettingsChoice, 'preset' | 'seed' | 'text'>;

/** Files of labels and annotations that the engine offered for the folder. */
interface Offer {
  readonly labels: PathHandle | null;
  readonly annotations: PathHandle | null;
}

/** What a person chooses before a job starts, and the folder it is about. */
export class ProtectSetup {
  scan = $state.raw<SourceScan | null>(null);
  scanning = $state(false);
  failure = $state.raw<FailureReply | null>(null);

  preset = $state<Preset>('balanced');
  /** Chosen over the preset; what is not here is as the preset says. */
  overrides = $state.raw<Overrides>({});
  markSource = $state<MarkSource>('bundled');
  logoFile = $state.raw<PathHandle | null>(null);
  text = $state('PROTECTED');
  seed = $state(1);

  readonly roles = new GraderRoles();

  labels = $state.raw<PathHandle | null>(null);
  annotations = $state.raw<PathHandle | null>(null);
  zoneSource = $state<ProtectChoice['zoneSource']>('auto');
  allowUnannotated = $state(false);
  landmarks = $state(true);
  /** Pixels; null takes 1 % of the field's diameter. */
  dilation = $state<number | null>(null);

  /** Null takes the suggested folder beside the source. */
  out = $state.raw<PathHandle | null>(null);
  format = $state<ProtectChoice['format']>('png');
  stripMetadata = $state(false);
  rights = $state('');
  /** Only the first images; null takes all. */
  limit = $state<number | null>(null);
  /** Consumer pipelines the effect is measured through, separated by commas. */
  pipelines = $state(defaultVerifyPipelines.join(', '));

  readonly settings = $derived(
    chosenSettings({
      ...this.overrides,
      preset: this.preset,
      seed: this.seed,
      text: this.#text(),
    }),
  );
  /** What the preset itself would be: for the reset of single settings. */
  readonly base = $derived(presetSettings(this.preset));
  readonly isChanged = $derived(Object.keys(this.overrides).length > 0);
  /** What is still missing before anything can run. */
  readonly missing = $derived.by((): 'source' | 'logo' | 'surrogate' | null => {
    if (this.scan === null || this.scan.images.length === 0) return 'source';
    if (this.settings.mark.kind === 'logo' && this.markSource === 'file' && this.logoFile === null)
      return 'logo';
    return this.roles.surrogates.length === 0 ? 'surrogate' : null;
  });
  readonly choice = $derived.by((): ProtectChoice | null => {
    if (this.scan === null || this.missing !== null) return null;
    return {
      source: this.scan.source.id,
      out: this.out?.id ?? null,
      settings: this.settings,
      logo: this.#logo(),
      surrogates: [...this.roles.surrogates],
      victims: [...this.roles.victims],
      verifyPipelines: this.#pipelines(),
      labels: this.labels?.id ?? null,
      annotations: this.annotations?.id ?? null,
      zoneSource: this.zoneSource,
      allowUnannotated: this.allowUnannotated,
      dilation: this.dilation,
      landmarks: this.landmarks,
      format: this.format,
      stripMetadata: this.stripMetadata,
      rights: this.rights.trim() === '' ? null : this.rights.trim(),
      limit: this.limit,
    };
  });

  #number = 0;
  #offer: Offer = { labels: null, annotations: null };
  #isSamples = false;

  /** Reads the names of the images of a folder. A folder opened meanwhile wins. */
  async open(source: PathHandle): Promise<boolean> {
    const number = ++this.#number;
    this.scanning = true;
    this.failure = null;
    const reply = await ask('source.scan', { source: source.id });
    if (number !== this.#number) return false;
    this.scanning = false;
    if (!reply.ok) {
      this.failure = reply.failure;
      return false;
    }
    this.scan = reply.value;
    this.#isSamples = false;
    this.#take(reply.value);
    this.out = null;
    return true;
  }

  /** Opens the bundled sample set with its grades and annotations. */
  async openSamples(): Promise<boolean> {
    this.failure = null;
    const reply = await ask('source.samples', {});
    if (!reply.ok) {
      this.failure = reply.failure;
      return false;
    }
    if (!(await this.open(reply.value.source))) return false;
    this.#isSamples = true;
    this.#take(reply.value);
    return true;
  }

  close(): void {
    this.#number++;
    this.scan = null;
    this.scanning = false;
    this.failure = null;
  }

  /** After the engine was gone: the handles it had made are asked for anew; what a person chose stays. */
  async renew(): Promise<void> {
    const before = this.scan;
    if (before === null) return;
    const samples = this.#isSamples ? await ask('source.samples', {}) : null;
    const source = samples?.ok === true ? samples.value.source : before.source;
    const reply = await ask('source.scan', { source: source.id });
    if (!reply.ok || this.scan !== before) return;
    this.scan = reply.value;
    const old = this.#offer;
    const { labels, annotations } = this;
    this.#take(samples?.ok === true ? samples.value : reply.value);
    if (labels?.id !== old.labels?.id) this.labels = labels;
    if (annotations?.id !== old.annotations?.id) this.annotations = annotations;
  }

  /** What was chosen, to be kept as a file. */
  kept(name: string): SettingsFile {
    return {
      format: settingsFileFormat,
      name,
      choice: {
        ...this.overrides,
        preset: this.preset,
        seed: this.seed,
        text: this.#text(),
        pipelines: this.overrides.pipelines === undefined ? undefined : [...this.overrides.pipelines],
      },
      zoneSource: this.zoneSource,
      landmarks: this.landmarks,
      dilation: this.dilation,
      allowUnannotated: this.allowUnannotated,
      outputFormat: this.format,
      stripMetadata: this.stripMetadata,
      rights: this.rights,
    };
  }

  /** Takes what a file has kept; folders, graders and the logo stay as they are. */
  takeKept(file: SettingsFile): void {
    const { preset, seed, text, ...overrides } = file.choice;
    this.preset = preset;
    this.seed = seed;
    this.overrides = overrides;
    if (text !== undefined) {
      this.text = text;
      if (presetSettings(preset).mark.kind === 'logo') this.markSource = 'text';
    } else if (this.markSource === 'text') this.markSource = 'bundled';
    this.zoneSource = file.zoneSource;
    this.landmarks = file.landmarks;
    this.dilation = file.dilation;
    this.allowUnannotated = file.allowUnannotated;
    this.format = file.outputFormat;
    this.stripMetadata = file.stripMetadata;
    this.rights = file.rights;
  }

  choosePreset(preset: Preset): void {
    this.preset = preset;
    this.overrides = {};
  }

  /** Overrides one setting of the preset; the preset's own value takes the override back. */
  override<K extends keyof Overrides>(name: K, value: Overrides[K], ofPreset: Overrides[K]): void {
    const { [name]: _, ...others } = this.overrides;
    this.overrides = value === ofPreset ? others : { ...this.overrides, [name]: value };
  }

  reset(): void {
    this.overrides = {};
  }

  #take({ labels, annotations }: Offer): void {
    this.#offer = { labels, annotations };
    this.labels = labels;
    this.annotations = annotations;
  }

  #text(): string | undefined {
    const isTextPreset = presetSettings(this.preset).mark.kind !== 'logo';
    if (this.markSource !== 'text' && !isTextPreset) return undefined;
    return this.text.trim() === '' ? 'PROTECTED' : this.text.trim();
  }

  #pipelines(): string[] {
    const named = this.pipelines
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    return named.length === 0 ? [...defaultVerifyPipelines] : named.slice(0, 32);
  }

  #logo(): LogoChoice {
    if (this.settings.mark.kind !== 'logo') return { kind: 'none' };
    if (this.markSource === 'file' && this.logoFile !== null) return { kind: 'file', file: this.logoFile.id };
    return { kind: 'bundled' };
  }
}

export const setup = new ProtectSetup();
