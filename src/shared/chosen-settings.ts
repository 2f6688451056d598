import { presetSettings } from './presets.ts';
import type { MarkSettings, Preset, ProtectSettings, SearchMethod, SearchSettings } from './settings.ts';

/** What a person may choose over a preset, by option or by control; what is left out is as the preset says. */
export interface SettingsChoice {
  readonly preset: Preset;
  readonly seed: number;
  /** Text mark instead of a logo. */
  readonly text?: string | undefined;
  readonly marks?: number | undefined;
  /** Fraction of the field's diameter. */
  readonly size?: number | undefined;
  readonly opacity?: number | undefined;
  /** dB; 0 leaves it open. */
  readonly minPsnr?: number | undefined;
  /** Degrees, clockwise. */
  readonly rotation?: number | undefined;
  readonly texture?: number | undefined;
  readonly search?: SearchMethod | undefined;
  readonly budget?: number | undefined;
  /** Of the search. */
  readonly pipelines?: readonly string[] | undefined;
}

/** What is measured where nobody names pipelines: nothing, a typical JPEG, another size, a small preview. */
export const defaultVerifyPipelines: readonly string[] = ['direct', 'jpeg:75', 'resize:299', 'resize:50%'];

/** The whole settings of a job: the same for the same choice, whether the window or the command line took it. */
export function chosenSettings(choice: SettingsChoice): ProtectSettings {
  const base = presetSettings(choice.preset);
  return {
    preset: choice.preset,
    seed: choice.seed,
    mark: markOf(base.mark, choice),
    search: searchOf(base.search, choice),
  };
}

function markOf(base: MarkSettings, choice: SettingsChoice): MarkSettings {
  const size = choice.size ?? base.size;
  const opacity = choice.opacity ?? base.opacity;
  const fixedOpacity = base.minimumOpacity === base.opacity;
  const isText = choice.text !== undefined && base.kind === 'logo';
  return {
    ...base,
    kind: isText ? 'text' : base.kind,
    text: choice.text ?? base.text,
    count: choice.marks ?? base.count,
    size,
    minimumSize: Math.min(base.minimumSize, size),
    rotation: choice.rotation ?? base.rotation,
    opacity,
    minimumOpacity: fixedOpacity ? opacity : Math.min(base.minimumOpacity, opacity),
    minimumPsnr: choice.minPsnr === undefined ? base.minimumPsnr : choice.minPsnr || null,
    texture: choice.texture ?? base.texture,
  };
}

function searchOf(base: SearchSettings, choice: SettingsChoice): SearchSettings {
  const texture = choice.texture ?? (base.textureSteps > 0 ? 1 : 0);
  return {
    ...base,
    method: choice.search ?? base.method,
    budget: choice.budget ?? base.budget,
    textureSteps: texture === 0 ? 0 : base.textureSteps > 0 ? base.textureSteps : 24,
    pipelines: choice.pipelines === undefined ? base.pipelines : [...choice.pipelines],
  };
}
